import { startRedis } from '../../test/support/redis.ts';
import type { Bench } from '../harness/bench.ts';
import { startCrowd } from '../harness/crowd.ts';
import { remote, startProgram } from '../harness/node-program.ts';
import { withOpened } from '../harness/opened.ts';
import { cpuOf } from '../harness/process-cost.ts';
import { inTurn } from '../harness/rounds.ts';
import { type MeasuredServer, startBaseline, startVigilNode } from '../harness/servers.ts';
import type { KeepAliveFunctions } from '../load/keep-alive.ts';

const AGENTS = 2_000;
const PER_SECOND = 1_000;
const SECONDS = 8;

export default {
  what: 'an activity report against a keep-alive request to express-session with connect-redis',
  run: ({ rounds, scaled }) =>
    withOpened(async (opened) => {
      const redis = opened.using(await startRedis());
      const theirRedis = opened.using(await startRedis());
      const vigil = opened.using(await startVigilNode({ REDIS_URL: redis.url }));
      const instead = opened.using(await startBaseline('keep-alive', { REDIS_URL: theirRedis.url }));
      const crowd = opened.using(await startCrowd());
      await crowd.tabs.open({ urls: [vigil.url], count: scaled(AGENTS), to: 'vigil' });
      const program = opened.using(await startProgram('load/keep-alive.ts'));
      const pages = remote<KeepAliveFunctions>(program);
      await pages.open({ port: instead.port, count: scaled(AGENTS) });

      const micros = (server: MeasuredServer, report: typeof pages.report) => async () => {
        await report(PER_SECOND, 1);
        let sent = 0;
        const spent = await cpuOf(server.pid, async () => {
          sent = await report(PER_SECOND, scaled(SECONDS));
        });
        return (spent * 1_000) / sent;
      };
      const found = await inTurn(rounds, {
        vigil: micros(vigil, crowd.tabs.report),
        instead: micros(instead, pages.report),
      });
      return [
        {
          what: 'CPU of a report at 1,000/s',
          unit: 'µs',
          vigil: found.vigil,
          baseline: { what: 'express-session, connect-redis, rolling', found: found.instead },
          goal: { text: '≥ 6× cheaper', atMostTimes: 1 / 6 },
        },
      ];
    }),
} satisfies Bench;
