import { startRedis } from '../../test/support/redis.ts';
import { pause } from '../../test/support/waiting.ts';
import type { Bench } from '../harness/bench.ts';
import { type RemoteCrowd, startCrowd } from '../harness/crowd.ts';
import { withOpened } from '../harness/opened.ts';
import { cpuMs } from '../harness/process-cost.ts';
import { inTurn } from '../harness/rounds.ts';
import { type MeasuredServer, startBaseline, startVigilNode } from '../harness/servers.ts';

const CONNECTIONS = 4_000;
/** Until the code of either is compiled: a server runs for days. */
const WARMING_ROUNDS = 16;
/** Somebody is always there: where the last connection has gone, what was compiled for them is thrown away, too. */
const STAYING = 200;
/** CPU of an idle server in so long, in ms: its clock ticks each 10. */
const LOOK_MS = 300;
const IDLE_MS = 10;

export default {
  what: 'a connection with its token verified and its `session` sent',
  run: ({ rounds, scaled }) =>
    withOpened(async (opened) => {
      const redis = opened.using(await startRedis());
      const bare = opened.using(await startBaseline('bare-socket-io'));
      const vigil = opened.using(await startVigilNode({ REDIS_URL: redis.url }));
      const crowd = opened.using(await startCrowd());
      for (const [server, to] of [[bare, 'socket.io'] as const, [vigil, 'vigil'] as const]) {
        const staying = opened.using(await startCrowd());
        await staying.tabs.open({ urls: [server.url], count: STAYING, to });
      }
      const micros = (server: MeasuredServer, to: 'socket.io' | 'vigil') => () =>
        perConnection(crowd, server, to, scaled(CONNECTIONS));
      // The first time begins the sessions: what is measured comes back, as tabs mostly do.
      const turns = { baseline: micros(bare, 'socket.io'), vigil: micros(vigil, 'vigil') };
      await inTurn(WARMING_ROUNDS, turns);
      const found = await inTurn(rounds, turns);
      return [
        {
          what: 'CPU of a connection',
          unit: 'µs',
          vigil: found.vigil,
          baseline: { what: 'bare Socket.IO, no authentication', found: found.baseline },
          goal: { text: '≤ 1.4×', atMostTimes: 1.4 },
        },
      ];
    }),
} satisfies Bench;

/** Until it has nothing to do. No collection is asked for: it would throw away what was compiled. */
async function idle({ pid }: MeasuredServer): Promise<void> {
  for (let spent = Number.POSITIVE_INFINITY; spent > IDLE_MS; ) {
    const before = cpuMs(pid);
    await pause(LOOK_MS);
    spent = cpuMs(pid) - before;
  }
}

async function perConnection(
  crowd: RemoteCrowd,
  server: MeasuredServer,
  to: 'socket.io' | 'vigil',
  count: number,
): Promise<number> {
  const before = cpuMs(server.pid);
  await crowd.tabs.open({ urls: [server.url], count, to });
  const spent = cpuMs(server.pid) - before;
  await crowd.tabs.close();
  // Leaving is not counted, and is over when the next begins.
  await idle(server);
  return (spent * 1_000) / count;
}
