import fc from 'fast-check';
import type { EventType } from '../../../shared/events.ts';
import { account, act, sweep, TIMEOUTS_S, type World } from './world.ts';

/** What can be read. */

export const follow = account.map((id) =>
  act(`changes of ${id}`, async ({ engine, cursors }) => {
    const { cursor, ...changes } = await engine.changes(id, cursors.get(id) ?? null);
    cursors.set(id, cursor);
    return changes;
  }),
);

export const readEvents = fc
  .record({
    account,
    limit: fc.constantFrom(1, 3, 100),
    direction: fc.constantFrom('before' as const, 'after' as const, undefined),
    place: fc.nat(50),
    types: fc.constantFrom<EventType[] | undefined>(undefined, ['session.ended'], ['session.started']),
    agent: fc.constantFrom(undefined, 'ann'),
  })
  .map(({ account: id, limit, direction, place, types, agent: of }) =>
    act(`events of ${id}, ${limit} ${direction} ${place} ${types} ${of}`, ({ engine, eventIds }) => {
      const bound = eventIds[place % Math.max(1, eventIds.length)] ?? '';
      return engine.events(id, {
        limit,
        ...(direction === undefined ? {} : { [direction]: bound }),
        ...(types === undefined ? {} : { types }),
        ...(of === undefined ? {} : { agent: of }),
      });
    }),
  );

export const readAll = account.map((id) => act(`everything of ${id}`, (world) => everythingOf(world, id)));

/** All that can be read of an account without changing anything. */
export async function everythingOf({ engine }: World, id: string): Promise<unknown> {
  const agents = ['ann', 'bob', 'é:1'];
  const sids = ['s1', 's2', 's3', 's4', 's:é'];
  const refs = agents.flatMap((name) => sids.map((login) => ({ account: id, agent: name, sid: login })));
  return {
    policy: await engine.policy(id),
    sessions: await engine.sessions(refs),
    owners: await Promise.all(sids.map((login) => engine.session(id, login))),
    agents: await Promise.all(agents.map((name) => engine.agent(id, name))),
    page: await engine.agents(id, { after: null, limit: 2 }),
    rest: await engine.agents(id, { after: 'bob', limit: 10 }),
  };
}

export const preview = fc
  .record({ account, timeoutSeconds: fc.constantFrom(...TIMEOUTS_S, 86_400) })
  .map((what) =>
    act(`preview ${JSON.stringify(what)}`, async (world) => {
      await sweep(world);
      return world.engine.preview(what.account, what.timeoutSeconds);
    }),
  );
