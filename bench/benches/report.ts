import { startRedis } from '../../test/support/redis.ts';
import type { Bench, Figure, Run } from '../harness/bench.ts';
import { type RemoteCrowd, startCrowd } from '../harness/crowd.ts';
import { type Opened, withOpened } from '../harness/opened.ts';
import { cpuOf } from '../harness/process-cost.ts';
import { inTurn } from '../harness/rounds.ts';
import { type MeasuredServer, startBaseline, startVigilNode } from '../harness/servers.ts';

/** Tabs at each rate: a node's reports come from many tabs, each far below the limit of its connection. */
const TABS = 2_000;
const SECONDS = 6;
/** Before the first round, so that what is measured, pings too, has been compiled: a server runs for days. */
const WARMING = { perSecond: 1_500, seconds: 30 };
/** Engine.IO's: opened all at once, tabs would be pinged all at once, within some of the turns and not within others. */
const PING_INTERVAL_MS = 25_000;

interface Side {
  server: MeasuredServer;
  crowd: RemoteCrowd;
}

export default {
  what: 'an activity report, validated, coalesced and flushed to Redis',
  run: (run) =>
    withOpened(async (opened) => {
      const redis = opened.using(await startRedis());
      const [ws, socketIo, vigil] = await Promise.all([
        side(opened, run, await startBaseline('bare-ws'), 'ws'),
        side(opened, run, await startBaseline('bare-socket-io'), 'socket.io'),
        side(opened, run, await startVigilNode({ REDIS_URL: redis.url }), 'vigil'),
      ]);
      const sides = { ws, socketIo, vigil };
      await Promise.all(
        [ws, socketIo, vigil].map(({ crowd }) =>
          crowd.tabs.report(WARMING.perSecond, run.scaled(WARMING.seconds)),
        ),
      );
      const figures: Figure[] = [];
      for (const perSecond of [1_000, 4_000]) figures.push(...(await atRate(run, sides, perSecond)));
      return figures;
    }),
} satisfies Bench;

async function side(
  opened: Opened,
  { scaled }: Run,
  server: MeasuredServer,
  to: 'ws' | 'socket.io' | 'vigil',
): Promise<Side> {
  opened.using(server);
  const crowd = opened.using(await startCrowd());
  await crowd.tabs.open({ urls: [server.url], count: scaled(TABS), to, overMs: scaled(PING_INTERVAL_MS) });
  return { server, crowd };
}

async function atRate(
  { rounds, scaled }: Run,
  { ws, socketIo, vigil }: Record<'ws' | 'socketIo' | 'vigil', Side>,
  perSecond: number,
): Promise<Figure[]> {
  const micros =
    ({ server, crowd }: Side) =>
    async () => {
      let sent = 0;
      const spent = await cpuOf(server.pid, async () => {
        sent = await crowd.tabs.report(perSecond, scaled(SECONDS));
      });
      return (spent * 1_000) / sent;
    };
  const found = await inTurn(rounds, { ws: micros(ws), socketIo: micros(socketIo), vigil: micros(vigil) });
  const rate = `${perSecond.toLocaleString('en')}/s`;
  return [
    {
      what: `CPU of a report at ${rate}`,
      unit: 'µs',
      vigil: found.vigil,
      baseline: { what: 'bare Socket.IO, empty handler', found: found.socketIo },
      goal: { text: '≤ 1.15×', atMostTimes: 1.15 },
    },
    {
      what: `CPU of a report at ${rate}`,
      unit: 'µs',
      vigil: found.vigil,
      baseline: { what: 'bare `ws`, empty handler', found: found.ws },
      goal: { text: '≤ 1.5×', atMostTimes: 1.5 },
    },
  ];
}
