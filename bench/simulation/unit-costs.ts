import { createRandom } from '../../test/support/random.ts';
import { startRedis } from '../../test/support/redis.ts';
import { withOpened } from '../harness/opened.ts';
import { cpuOf } from '../harness/process-cost.ts';
import type { Kind } from './costs.ts';
import { DAY } from './day.ts';
import { Desk, TICK_SECONDS } from './desk.ts';
import { loginOf, openSimulated } from './drive.ts';
import { expectedCounts } from './model.ts';

/** Few enough that Redis finds most of them in the processor's cache. */
const AGENTS = 20_000;
const AT_ONCE = 500;
const TICKS = 400;

/** µs of Redis's CPU for one of each; `timeouts` is a warning and the end that follows. */
export type UnitCosts = Record<Kind | 'timeouts', number>;

/** Measured at 20,000 agents, with as many in one call as the day is expected to have at `simulated`. */
export function measureUnitCosts(simulated: number): Promise<UnitCosts> {
  return withOpened(async (opened) => {
    const redis = opened.using(
      await startRedis({ persistence: 'aof', args: ['--maxmemory-policy', 'noeviction'] }),
    );
    let now = Date.UTC(2026, 10, 25);
    const engine = opened.using(
      await openSimulated(
        redis,
        () => now,
        () => {},
      ),
    );
    const desk = new Desk(AGENTS, createRandom(1));
    const everybody = Array.from({ length: AGENTS }, (_, who) => who);
    const micros = async (count: number, run: () => Promise<unknown>) =>
      ((await cpuOf(redis.pid, run)) * 1_000) / count;
    const inGroups = (size: number, run: (group: number[]) => Promise<unknown>) => async () => {
      for (let from = 0; from < AGENTS; from += size) await run(everybody.slice(from, from + size));
    };
    await engine.sweep();
    const settings = { timeoutSeconds: DAY.timeout, rememberMe: { agent: true, requester: true } };
    for (const account of new Set(desk.accounts)) await engine.setPolicy({ account, settings, by: 'admin' });
    await engine.sweep();

    const perTick = batchesOf(simulated);
    const logins = await micros(
      AGENTS,
      inGroups(AT_ONCE, (group) => Promise.all(group.map((who) => engine.admit(loginOf(desk, who, now))))),
    );
    const open = (who: number) =>
      [0, 1, 2].map((place) => engine.admit(loginOf(desk, who, now), desk.tab(who, place).tab));
    const tabs = await micros(
      AGENTS * DAY.tabs,
      inGroups(AT_ONCE, (group) => Promise.all(group.flatMap(open))),
    );
    const changes = await micros(
      AGENTS,
      inGroups(perTick.changes, (group) =>
        engine.updateTabs(group.map((who) => desk.change(who, 0, true, now))),
      ),
    );
    const sweeps = await micros(TICKS, async () => {
      for (let tick = 0; tick < TICKS; tick += 1) {
        now += TICK_SECONDS * 1_000;
        await engine.sweep();
      }
    });
    const touches = await micros(
      AGENTS,
      inGroups(perTick.touches, (group) => engine.touch(group.map((who) => desk.report(who, now)))),
    );
    const timeouts = await micros(AGENTS, async () => {
      // Each tick a few become due, as over a day.
      for (let tick = 0; tick < TICKS; tick += 1) {
        now += TICK_SECONDS * 1_000;
        const few = everybody.filter((who) => who % TICKS === tick);
        await engine.touch(few.map((who) => desk.report(who, now)));
        await engine.sweep();
      }
      now += (DAY.timeout - DAY.lead) * 1_000 - TICKS * TICK_SECONDS * 1_000;
      for (let tick = 0; tick < TICKS + (2 * DAY.lead) / TICK_SECONDS; tick += 1) {
        now += TICK_SECONDS * 1_000;
        await engine.sweep();
      }
    });
    const spread = (2 * TICKS + (2 * DAY.lead) / TICK_SECONDS) / AGENTS;
    const again = everybody.slice(0, AGENTS / 4);
    const fresh = (who: number) => ({ ...desk.login(who), sid: `again-${who}` });
    await Promise.all(again.map((who) => engine.admit({ ...loginOf(desk, who, now), ...fresh(who) })));
    const logouts = await micros(again.length, () =>
      Promise.all(again.map((who) => engine.endSession(fresh(who)))),
    );
    return {
      logins,
      tabs,
      changes,
      touches,
      sweeps,
      logouts,
      timeouts: timeouts - spread * sweeps - touches,
    };
  });
}

/** How many changes and touches a tick is expected to have. */
function batchesOf(agents: number): { changes: number; touches: number } {
  const { changes, touches, sweeps } = expectedCounts(agents);
  return {
    changes: Math.max(1, Math.round(changes / sweeps)),
    touches: Math.max(1, Math.round(touches / sweeps)),
  };
}
