import fc from 'fast-check';
import {
  type Engine,
  type EngineOptions,
  MAX_SESSIONS,
  type Permission,
} from '../../../server/engine/engine.ts';
import type { EventType } from '../../../shared/events.ts';

/** Short, so that a history of a few dozen steps is a life: warned, resumed, ended, forgotten. */
export const OPTIONS: EngineOptions = { leadMs: 5_000, minTimeoutMs: 15_000 };
const TIMEOUTS_S = [10, 20, 25, 60];
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** One step of a history: what is asked of an engine, given what it said before. */
export interface Act {
  readonly says: string;
  run(world: World): Promise<unknown>;
}

/** An engine in a history, and what its users remember. */
export interface World {
  engine: Engine;
  clock: { now(): number; advance(ms: number): void; step(ms: number): void };
  /** Where a follower of each account's feed stands. */
  cursors: Map<string, string>;
  /** Ids of the events that were told, in order. */
  eventIds: string[];
}

function act(says: string, run: (world: World) => Promise<unknown>): Act {
  return { says, run };
}

const account = fc.constantFrom('acme', '{b}:%');
const agent = fc.constantFrom('ann', 'bob', 'é:1');
const sid = fc.constantFrom('s1', 's2', 's3', 's4', 's:é');
const tab = fc.constantFrom('t1', 't2', 't3');
const ref = fc.record({ account, agent, sid });
const ago = fc.constantFrom(0, 0, 0, 1, 999, 4_000, 9_000, 10_000, 14_999, 15_000, 30_000, -20_000);

const permissions = fc.constantFrom<Permission[]>(
  [],
  [],
  ['view_presence'],
  ['manage_security', 'view_presence'],
  ['view_presence', 'manage_security'],
);

const admit = fc
  .record({
    ref,
    loginAgo: ago,
    issuedAgo: ago,
    name: fc.constantFrom(null, 'Ann', ''),
    permissions,
    autoAssign: fc.boolean(),
  })
  .map(({ ref: who, loginAgo, issuedAgo, ...claims }) =>
    act(`admit ${JSON.stringify({ ...who, loginAgo, issuedAgo, ...claims })}`, ({ engine, clock }) => {
      const now = clock.now();
      return engine.admit({ ...who, ...claims, loginAt: now - loginAgo, issuedAt: now - issuedAgo });
    }),
  );

const touch = fc
  .array(fc.record({ ref, ago }), { minLength: 1, maxLength: 4 })
  .map((reports) =>
    act(`touch ${JSON.stringify(reports)}`, ({ engine, clock }) =>
      engine.touch(reports.map(({ ref: who, ago: ms }) => ({ ...who, at: clock.now() - ms }))),
    ),
  );

/** Input of somebody who most likely is there. */
const type = fc
  .record({ account, agent, sid: fc.constantFrom('s1', 's2') })
  .map((who) =>
    act(`type ${JSON.stringify(who)}`, ({ engine, clock }) => engine.touch([{ ...who, at: clock.now() }])),
  );

const openTab = fc
  .record({ ref, tab })
  .map(({ ref: who, tab: id }) =>
    act(`openTab ${JSON.stringify({ ...who, tab: id })}`, ({ engine }) =>
      engine.openTab({ ...who, tab: `${who.account} ${id}` }),
    ),
  );

const updateTabs = fc
  .array(fc.record({ ref, tab, visible: fc.constantFrom(true, false, null), ago }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((changes) =>
    act(`updateTabs ${JSON.stringify(changes)}`, ({ engine, clock }) =>
      engine.updateTabs(
        changes.map(({ ref: who, tab: id, visible, ago: ms }) => {
          return { ...who, tab: `${who.account} ${id}`, visible, at: clock.now() - ms };
        }),
      ),
    ),
  );

/** Tabs of one login, opened and turned one after the other. */
const tabLife = fc.record({ account, agent, sid: fc.constantFrom('s1', 's2') }).chain((who) =>
  fc
    .array(fc.record({ tab, visible: fc.constantFrom(true, false, null, 'open' as const) }), {
      minLength: 2,
      maxLength: 6,
    })
    .map((turns) =>
      act(`tabs of ${JSON.stringify(who)}: ${JSON.stringify(turns)}`, async ({ engine, clock }) => {
        await engine.openTab({ ...who, tab: `${who.account} t1` });
        for (const { tab: id, visible } of turns) {
          const ref = { ...who, tab: `${who.account} ${id}` };
          if (visible === 'open') await engine.openTab(ref);
          else await engine.updateTabs([{ ...ref, visible, at: clock.now() }]);
        }
      }),
    ),
);

/** More logins of one agent than may be alive. */
const crowd = fc.record({ account, agent, newest: fc.boolean() }).map(({ account: id, agent: of, newest }) =>
  act(`crowd of logins of ${of} in ${id}`, async ({ engine, clock }) => {
    const answers = [];
    for (let index = 0; index <= MAX_SESSIONS; index += 1) {
      const at = clock.now() - (newest ? MAX_SESSIONS - index : index);
      const claims = { loginAt: at, issuedAt: at, name: null, permissions: [], autoAssign: true };
      answers.push(await engine.admit({ account: id, agent: of, sid: `crowd ${index}`, ...claims }));
    }
    return answers;
  }),
);

/** What a sweep answers may differ (it may be early); when nothing is due at all does not. */
async function sweep({ engine }: World): Promise<boolean> {
  return (await engine.sweep()) === Number.POSITIVE_INFINITY;
}

const wait = fc
  .constantFrom(
    1,
    999,
    1_000,
    2_500,
    2_501,
    4_999,
    5_000,
    10_000,
    15_000,
    20_000,
    HOUR,
    DAY,
    31 * DAY,
    32 * DAY,
  )
  .map((ms) =>
    act(`wait ${ms}`, async ({ clock }) => {
      clock.advance(ms);
    }),
  );

const watch = fc.integer({ min: 1, max: 8 }).map((rounds) =>
  act(`watch ${rounds} x 2500 ms`, async (world) => {
    for (let round = 0; round < rounds; round += 1) {
      world.clock.advance(2_500);
      await sweep(world);
    }
  }),
);

const setClock = fc.constantFrom(-1, -30_000, -60_000, -60_001, -HOUR, -DAY, 1_000, HOUR).map((ms) =>
  act(`clock set by ${ms}`, async (world) => {
    // What time has been used up is then the same on both: an engine may look at its clock more often than it must.
    await sweep(world);
    world.clock.step(ms);
  }),
);

const endSession = fc
  .record({ account, sid, by: fc.constantFrom(undefined, 'host') })
  .map(({ by, ...which }) =>
    act(`endSession ${JSON.stringify({ ...which, by })}`, ({ engine }) =>
      engine.endSession(by === undefined ? which : { ...which, by }),
    ),
  );

const signOut = fc
  .record({ account, agent })
  .map((who) =>
    act(`signOut ${JSON.stringify(who)}`, ({ engine }) => engine.signOut({ ...who, by: 'bøss' })),
  );

const setAvailability = fc
  .record({
    account,
    agent,
    available: fc.boolean(),
    cause: fc.constantFrom('agent' as const, 'admin' as const),
  })
  .map(({ cause, ...what }) =>
    act(`setAvailability ${JSON.stringify(what)}`, ({ engine }) =>
      engine.setAvailability({ ...what, by: { cause, id: 'who' } }),
    ),
  );

/** Back and forth, more often than is allowed. */
const flips = fc
  .record({ account, agent, waitMs: fc.constantFrom(0, 5_999, 6_000) })
  .map(({ waitMs, ...who }) =>
    act(`flips of ${JSON.stringify({ ...who, waitMs })}`, async ({ engine, clock }) => {
      const answers = [];
      for (let index = 0; index < 12; index += 1) {
        const by = { cause: 'agent', id: who.agent } as const;
        answers.push(await engine.setAvailability({ ...who, available: index % 2 === 1, by }));
        clock.advance(waitMs);
      }
      return answers;
    }),
  );

const setPolicy = fc
  .record({
    account,
    timeoutSeconds: fc.constantFrom(...TIMEOUTS_S),
    remembered: fc.boolean(),
    ifVersion: fc.constantFrom(undefined, undefined, 0, 1, 2),
  })
  .map(({ account: id, timeoutSeconds, remembered, ifVersion }) =>
    act(`setPolicy ${JSON.stringify({ id, timeoutSeconds, remembered, ifVersion })}`, ({ engine }) =>
      engine.setPolicy({
        account: id,
        settings: { timeoutSeconds, rememberMe: { agent: remembered, requester: true } },
        by: 'bøss',
        ...(ifVersion === undefined ? {} : { ifVersion }),
      }),
    ),
  );

const record = account.map((id) =>
  act(`record in ${id}`, ({ engine }) =>
    engine.record(id, { type: 'access.refused', data: { by: null, needs: 'x/"y', call: 'PUT /v1/policy' } }),
  ),
);

const follow = account.map((id) =>
  act(`changes of ${id}`, async ({ engine, cursors }) => {
    const { cursor, ...changes } = await engine.changes(id, cursors.get(id) ?? null);
    cursors.set(id, cursor);
    return changes;
  }),
);

const readEvents = fc
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

const readAll = account.map((id) => act(`everything of ${id}`, (world) => everythingOf(world, id)));

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

const preview = fc.record({ account, timeoutSeconds: fc.constantFrom(...TIMEOUTS_S, 86_400) }).map((what) =>
  act(`preview ${JSON.stringify(what)}`, async (world) => {
    await sweep(world);
    return world.engine.preview(what.account, what.timeoutSeconds);
  }),
);

export const histories = fc.array(
  fc.oneof(
    { weight: 160, arbitrary: admit },
    { weight: 100, arbitrary: touch },
    { weight: 80, arbitrary: type },
    { weight: 60, arbitrary: openTab },
    { weight: 60, arbitrary: updateTabs },
    { weight: 80, arbitrary: tabLife },
    { weight: 160, arbitrary: fc.constant(act('sweep', sweep)) },
    { weight: 160, arbitrary: wait },
    { weight: 120, arbitrary: watch },
    { weight: 40, arbitrary: setClock },
    { weight: 40, arbitrary: endSession },
    { weight: 40, arbitrary: signOut },
    { weight: 60, arbitrary: setAvailability },
    { weight: 10, arbitrary: flips },
    { weight: 60, arbitrary: setPolicy },
    { weight: 20, arbitrary: record },
    { weight: 60, arbitrary: follow },
    { weight: 40, arbitrary: readEvents },
    { weight: 60, arbitrary: readAll },
    { weight: 20, arbitrary: preview },
    { weight: 1, arbitrary: crowd },
  ),
  { minLength: 5, maxLength: 36, size: 'max' },
);
