import { startRedis } from '../../test/support/redis.ts';
import type { Bench } from '../harness/bench.ts';
import { startCrowd } from '../harness/crowd.ts';
import { withOpened } from '../harness/opened.ts';
import { memoryKb } from '../harness/process-cost.ts';
import { inTurn } from '../harness/rounds.ts';
import { type MeasuredServer, startBaseline, startVigilNode } from '../harness/servers.ts';

const TABS = 10_000;
/** Before what is counted, so that code and heap have been warmed alike. */
const WARMING = 500;

export default {
  what: 'memory of a connected, authenticated tab, 10,000 of them',
  async run({ rounds, scaled }) {
    const count = scaled(TABS);
    const rss = await inTurn(rounds, {
      baseline: () => perTab(() => startBaseline('bare-socket-io'), 'socket.io', count),
      vigil: () => withVigil((start) => perTab(start, 'vigil', count)),
    });
    return [
      {
        what: 'RSS per tab',
        unit: 'kB',
        vigil: rss.vigil,
        baseline: { what: 'bare Socket.IO, no authentication', found: rss.baseline },
        goal: { text: '≤ 1.0×', atMostTimes: 1 },
      },
    ];
  },
} satisfies Bench;

function withVigil(run: (start: () => Promise<MeasuredServer>) => Promise<number>): Promise<number> {
  return withOpened(async (opened) => {
    const redis = opened.using(await startRedis());
    return run(() => startVigilNode({ REDIS_URL: redis.url }));
  });
}

/** kB that a server grows by for each of so many tabs. */
function perTab(
  start: () => Promise<MeasuredServer>,
  to: 'vigil' | 'socket.io',
  count: number,
): Promise<number> {
  return withOpened(async (opened) => {
    const server = opened.using(await start());
    const warming = opened.using(await startCrowd());
    await warming.tabs.open({ urls: [server.url], count: WARMING, to, firstAgent: 1_000_000 });
    await server.probe.collect();
    const before = memoryKb(server.pid).rss;
    const crowd = opened.using(await startCrowd());
    await crowd.tabs.open({ urls: [server.url], count, to });
    await server.probe.collect();
    return (memoryKb(server.pid).rss - before) / count;
  });
}
