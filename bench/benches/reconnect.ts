import { freePort } from '../../test/support/places.ts';
import { type Proxy as Balancer, startBalancer } from '../../test/support/proxies.ts';
import { startRedis } from '../../test/support/redis.ts';
import { pause } from '../../test/support/waiting.ts';
import type { Bench } from '../harness/bench.ts';
import { startCrowd } from '../harness/crowd.ts';
import { withOpened } from '../harness/opened.ts';
import { cpuMs } from '../harness/process-cost.ts';
import { inTurn } from '../harness/rounds.ts';
import { type MeasuredServer, startBaseline, startVigilNode } from '../harness/servers.ts';

const TABS = 10_000;
/** Each holds two file descriptors a tab, and may have a limited number. */
const BALANCERS = 3;

type Start = (env: Record<string, string>) => Promise<MeasuredServer>;

export default {
  what: '10,000 tabs reconnect at once: their node is killed behind HAProxy, another is there',
  run: async ({ rounds, scaled }) => {
    const count = scaled(TABS);
    const cpu = { baseline: [] as number[], vigil: [] as number[] };
    const time = await inTurn(rounds, {
      baseline: () => once((env) => startBaseline('bare-socket-io', env), 'socket.io', count, cpu.baseline),
      vigil: () =>
        withOpened(async (opened) => {
          const redis = opened.using(await startRedis());
          return once((env) => startVigilNode({ REDIS_URL: redis.url, ...env }), 'vigil', count, cpu.vigil);
        }),
    });
    return [
      {
        what: 'from the kill until all 10,000 tabs are back',
        unit: 'ms',
        vigil: time.vigil,
        baseline: { what: 'bare Socket.IO, no authentication', found: time.baseline },
        goal: { text: '≤ 1.3×', atMostTimes: 1.3 },
      },
      {
        what: 'CPU of the node that takes them, per tab',
        unit: 'µs',
        vigil: cpu.vigil,
        baseline: { what: 'bare Socket.IO, no authentication', found: cpu.baseline },
      },
    ];
  },
} satisfies Bench;

/** All of them are on one node; another joins, and then the first is gone. */
function once(start: Start, to: 'vigil' | 'socket.io', count: number, cpu: number[]): Promise<number> {
  return withOpened(async (opened) => {
    const first = opened.using(await start({}));
    const port = await freePort();
    const balancers: Balancer[] = [];
    for (let index = 0; index < BALANCERS; index += 1)
      balancers.push(opened.using(await startBalancer([first, { port }])));
    // Two health checks, by which they know that nobody is there yet.
    await pause(1_500);
    const crowd = opened.using(await startCrowd());
    await crowd.tabs.open({ urls: balancers.map(({ url }) => url), count, to });
    const second = opened.using(await start({ PORT: String(port) }));
    await pause(2_000);
    const before = cpuMs(second.pid);
    const back = crowd.tabs.back();
    const killedAt = Date.now();
    await first.close();
    const took = (await back) - killedAt;
    cpu.push(((cpuMs(second.pid) - before) * 1_000) / count);
    return took;
  });
}
