import { startRedis } from '../../test/support/redis.ts';
import { pause } from '../../test/support/waiting.ts';
import type { Bench } from '../harness/bench.ts';
import { startCrowd } from '../harness/crowd.ts';
import { remote, startProgram } from '../harness/node-program.ts';
import { withOpened } from '../harness/opened.ts';
import { cpuOf } from '../harness/process-cost.ts';
import { inTurn } from '../harness/rounds.ts';
import { startVigilNode } from '../harness/servers.ts';
import type { WatchersFunctions } from '../load/watchers.ts';

const AGENTS = 10_000;
const CHANGES = 700;
const WATCHERS = 10;
const SECONDS = 8;

export default {
  what: 'the presence feed: 10,000 agents of one account, 700 changes a second, 10 watchers on the node',
  run: ({ rounds, scaled, say }) =>
    withOpened(async (opened) => {
      const redis = opened.using(await startRedis());
      const node = opened.using(await startVigilNode({ REDIS_URL: redis.url }));
      const crowd = opened.using(await startCrowd());
      await crowd.tabs.open({ urls: [node.url], count: scaled(AGENTS), to: 'vigil', accounts: 1 });
      const watchers = remote<WatchersFunctions>(opened.using(await startProgram('load/watchers.ts')));
      const percent = async () =>
        (await cpuOf(node.pid, () => crowd.tabs.report(CHANGES, SECONDS))) / (SECONDS * 10);
      await crowd.tabs.report(CHANGES, 3);
      const found = await inTurn(rounds, {
        unwatched: percent,
        watched: async () => {
          await watchers.open({ url: node.url, account: 'account-0', count: WATCHERS });
          await crowd.tabs.report(CHANGES, 2);
          const before = await watchers.rows();
          const busy = await percent();
          const perSecond = ((await watchers.rows()) - before) / WATCHERS / SECONDS;
          say(`each watcher was told ${Math.round(perSecond)} rows a second`);
          if (perSecond < CHANGES / 2) throw new Error('The watchers were told too little');
          await watchers.close();
          await pause(1_500);
          return busy;
        },
      });
      return [
        {
          what: 'CPU of the node with 10 watchers',
          unit: '% of a core',
          vigil: found.watched,
          baseline: { what: 'the same node, nobody watches', found: found.unwatched },
        },
        {
          what: 'what 10 watchers add',
          unit: '% of a core',
          vigil: found.watched.map((busy, round) => busy - found.unwatched[round]!),
          goal: { text: '≤ +10 % of a core', atMost: 10 },
        },
      ];
    }),
} satisfies Bench;
