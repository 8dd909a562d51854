import type { Bench } from '../harness/bench.ts';
import { setTimeouts, startNodes } from '../harness/cluster.ts';
import { startCrowd } from '../harness/crowd.ts';
import { withOpened } from '../harness/opened.ts';
import { quantile } from '../harness/rounds.ts';

const PER_SECOND = 100;
const AGENTS = 1_000;
const ACCOUNTS = 10;
const TIMEOUT_MS = 20_000;
const LEAD_MS = 2_000;
/** For opening the tabs, before the first is due. */
const OPENING_MS = 5_000;
const GOAL = { text: 'p99 ≤ 25 ms', atMost: 25 };

export default {
  what: 'lateness of warnings and ends at the tab, 100 due a second, two nodes',
  run: ({ rounds, scaled }) =>
    withOpened(async (opened) => {
      const env = { VIGIL_MIN_TIMEOUT: `${TIMEOUT_MS}ms`, VIGIL_WARNING_LEAD: `${LEAD_MS}ms` };
      const nodes = await startNodes(opened, 2, env);
      const accounts = Array.from({ length: ACCOUNTS }, (_, index) => `account-${index}`);
      await setTimeouts(nodes[0]!.url, accounts, TIMEOUT_MS / 1_000);
      const count = scaled(AGENTS);
      const late = { warning: [] as number[], ended: [] as number[], median: [] as number[] };
      for (let round = 0; round < rounds; round += 1) {
        const crowd = opened.using(await startCrowd());
        const firstDueAt = Date.now() + OPENING_MS;
        await crowd.tabs.open({
          urls: nodes.map(({ url }) => url),
          count,
          to: 'vigil',
          firstAgent: round * count,
          accounts: ACCOUNTS,
          logins: { from: firstDueAt - TIMEOUT_MS + LEAD_MS, stepMs: 1_000 / PER_SECOND },
          leadMs: LEAD_MS,
          pace: 100,
        });
        if (Date.now() > firstDueAt) throw new Error('The first were due before all had opened');
        for (const event of ['warning', 'ended'] as const) {
          const { lateMs } = await crowd.tabs.heard(event, count);
          late[event].push(quantile(lateMs, 0.99));
          if (event === 'warning') late.median.push(quantile(lateMs, 0.5));
        }
        await crowd.close();
      }
      return [
        { what: 'lateness of a warning, p99', unit: 'ms', vigil: late.warning, goal: GOAL },
        { what: 'lateness of an end, p99', unit: 'ms', vigil: late.ended, goal: GOAL },
        { what: 'lateness of a warning, median', unit: 'ms', vigil: late.median },
      ];
    }),
} satisfies Bench;
