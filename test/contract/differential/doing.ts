import fc from 'fast-check';
import { MAX_SESSIONS, type Permission } from '../../../server/engine/engine.ts';
import { openTabOf } from '../../support/engine-tab.ts';
import { account, act, agent, DAY, HOUR, sid, sweep, TIMEOUTS_S, tab } from './world.ts';

/** What people, hosts and time do. */

/** Among all tabs of all nodes it has a name of its own. */
function nameOf(who: { account: string; agent: string }, tab: string): string {
  return `${who.account} ${who.agent} ${tab}`;
}

export const ref = fc.record({ account, agent, sid });
export const ago = fc.constantFrom(0, 0, 0, 1, 999, 4_000, 9_000, 10_000, 14_999, 15_000, 30_000, -20_000);

export const permissions = fc.constantFrom<Permission[]>(
  [],
  [],
  ['view_presence'],
  ['manage_security', 'view_presence'],
  ['view_presence', 'manage_security'],
);

export const admit = fc
  .record({
    ref,
    loginAgo: ago,
    issuedAgo: ago,
    name: fc.constantFrom(null, 'Ann', ''),
    permissions,
    autoAssign: fc.boolean(),
    opens: fc.option(tab, { nil: undefined }),
  })
  .map(({ ref: who, loginAgo, issuedAgo, opens, ...claims }) =>
    act(`admit ${JSON.stringify({ ...who, loginAgo, issuedAgo, opens, ...claims })}`, ({ engine, clock }) => {
      const now = clock.now();
      const login = { ...who, ...claims, loginAt: now - loginAgo, issuedAt: now - issuedAgo };
      return engine.admit(login, opens === undefined ? undefined : nameOf(who, opens));
    }),
  );

export const touch = fc
  .array(fc.record({ ref, ago }), { minLength: 1, maxLength: 4 })
  .map((reports) =>
    act(`touch ${JSON.stringify(reports)}`, ({ engine, clock }) =>
      engine.touch(reports.map(({ ref: who, ago: ms }) => ({ ...who, at: clock.now() - ms }))),
    ),
  );

/** Input of somebody who most likely is there. */
export const type = fc
  .record({ account, agent, sid: fc.constantFrom('s1', 's2') })
  .map((who) =>
    act(`type ${JSON.stringify(who)}`, ({ engine, clock }) => engine.touch([{ ...who, at: clock.now() }])),
  );

export const openTab = fc
  .record({ ref, tab })
  .map(({ ref: who, tab: id }) =>
    act(`openTab ${JSON.stringify({ ...who, tab: id })}`, ({ engine }) =>
      openTabOf(engine, { ...who, tab: nameOf(who, id) }),
    ),
  );

export const updateTabs = fc
  .array(fc.record({ ref, tab, visible: fc.constantFrom(true, false, null), ago }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((changes) =>
    act(`updateTabs ${JSON.stringify(changes)}`, ({ engine, clock }) =>
      engine.updateTabs(
        changes.map(({ ref: who, tab: id, visible, ago: ms }) => {
          return { ...who, tab: nameOf(who, id), visible, at: clock.now() - ms };
        }),
      ),
    ),
  );

/** Tabs of one login, opened and turned one after the other. */
export const tabLife = fc.record({ account, agent, sid: fc.constantFrom('s1', 's2') }).chain((who) =>
  fc
    .array(fc.record({ tab, visible: fc.constantFrom(true, false, null, 'open' as const) }), {
      minLength: 2,
      maxLength: 6,
    })
    .map((turns) =>
      act(`tabs of ${JSON.stringify(who)}: ${JSON.stringify(turns)}`, async ({ engine, clock }) => {
        await openTabOf(engine, { ...who, tab: nameOf(who, 't1') });
        for (const { tab: id, visible } of turns) {
          const ref = { ...who, tab: nameOf(who, id) };
          if (visible === 'open') await openTabOf(engine, ref);
          else await engine.updateTabs([{ ...ref, visible, at: clock.now() }]);
        }
      }),
    ),
);

/** More logins of one agent than may be alive. */
export const crowd = fc
  .record({ account, agent, newest: fc.boolean() })
  .map(({ account: id, agent: of, newest }) =>
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

export const endSession = fc
  .record({ account, sid, by: fc.constantFrom(undefined, 'host') })
  .map(({ by, ...which }) =>
    act(`endSession ${JSON.stringify({ ...which, by })}`, ({ engine }) =>
      engine.endSession(by === undefined ? which : { ...which, by }),
    ),
  );

export const signOut = fc
  .record({ account, agent })
  .map((who) =>
    act(`signOut ${JSON.stringify(who)}`, ({ engine }) => engine.signOut({ ...who, by: 'bøss' })),
  );

export const setAvailability = fc
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
export const flips = fc
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

export const setPolicy = fc
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

export const record = account.map((id) =>
  act(`record in ${id}`, ({ engine }) =>
    engine.record(id, { type: 'access.refused', data: { by: null, needs: 'x/"y', call: 'PUT /v1/policy' } }),
  ),
);

export const wait = fc
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

export const watch = fc.integer({ min: 1, max: 8 }).map((rounds) =>
  act(`watch ${rounds} x 2500 ms`, async (world) => {
    for (let round = 0; round < rounds; round += 1) {
      world.clock.advance(2_500);
      await sweep(world);
    }
  }),
);

export const setClock = fc.constantFrom(-1, -30_000, -60_000, -60_001, -HOUR, -DAY, 1_000, HOUR).map((ms) =>
  act(`clock set by ${ms}`, async (world) => {
    // What time has been used up is then the same on both: an engine may look at its clock more often than it must.
    await sweep(world);
    world.clock.step(ms);
  }),
);
