import { startRedis } from '../../test/support/redis.ts';
import type { Bench } from '../harness/bench.ts';
import { startCrowd } from '../harness/crowd.ts';
import { startEjabberd } from '../harness/ejabberd.ts';
import { type NodeProgram, remote, startProgram } from '../harness/node-program.ts';
import { type Opened, withOpened } from '../harness/opened.ts';
import { cpuOf, memoryKb } from '../harness/process-cost.ts';
import { inTurn } from '../harness/rounds.ts';
import { startVigilNode } from '../harness/servers.ts';
import type { XmppFunctions } from '../load/xmpp.ts';

const CLIENTS = 3_000;
const PER_SECOND = 1_000;
const SECONDS = 6;

/** What a round finds on one side. */
interface Side {
  kbPerClient: number;
  microsPerReport: number;
}

export default {
  what: 'an activity report against a presence update through ejabberd, both over WebSocket',
  run: async ({ rounds, scaled }) => {
    const [count, seconds] = [scaled(CLIENTS), scaled(SECONDS)];
    const kb = { vigil: [] as number[], ejabberd: [] as number[] };
    const both = (name: 'vigil' | 'ejabberd', measure: typeof ofVigil) => async () => {
      const { kbPerClient, microsPerReport } = await withOpened((opened) => measure(opened, count, seconds));
      kb[name].push(kbPerClient);
      return microsPerReport;
    };
    const micros = await inTurn(rounds, {
      ejabberd: both('ejabberd', ofEjabberd),
      vigil: both('vigil', ofVigil),
    });
    return [
      {
        what: 'CPU of a report at 1,000/s',
        unit: 'µs',
        vigil: micros.vigil,
        baseline: { what: 'a presence through ejabberd', found: micros.ejabberd },
        goal: { text: '≥ 4× cheaper', atMostTimes: 1 / 4 },
      },
      {
        what: 'RSS per connected client',
        unit: 'kB',
        vigil: kb.vigil,
        baseline: { what: 'ejabberd', found: kb.ejabberd },
        goal: { text: '≤ 1/3', atMostTimes: 1 / 3 },
      },
    ];
  },
} satisfies Bench;

async function ofVigil(opened: Opened, count: number, seconds: number): Promise<Side> {
  const redis = opened.using(await startRedis());
  const server = opened.using(await startVigilNode({ REDIS_URL: redis.url }));
  const warming = opened.using(await startCrowd());
  await warming.tabs.open({ urls: [server.url], count: 200, to: 'vigil', firstAgent: 1_000_000 });
  await server.probe.collect();
  const crowd = opened.using(await startCrowd());
  const before = memoryKb(server.pid).rss;
  await crowd.tabs.open({ urls: [server.url], count, to: 'vigil' });
  await server.probe.collect();
  const kbPerClient = (memoryKb(server.pid).rss - before) / count;
  return { kbPerClient, microsPerReport: await micros(server.pid, crowd.tabs.report, seconds) };
}

async function ofEjabberd(opened: Opened, count: number, seconds: number): Promise<Side> {
  const server = opened.using(await startEjabberd());
  const client = async () =>
    remote<XmppFunctions>(opened.using<NodeProgram>(await startProgram('load/xmpp.ts')));
  await (await client()).open({ url: server.url, count: 200 });
  const clients = await client();
  const before = memoryKb(server.pid).rss;
  await clients.open({ url: server.url, count });
  const kbPerClient = (memoryKb(server.pid).rss - before) / count;
  return { kbPerClient, microsPerReport: await micros(server.pid, clients.report, seconds) };
}

async function micros(
  pid: number,
  report: (perSecond: number, seconds: number) => Promise<number>,
  seconds: number,
): Promise<number> {
  await report(PER_SECOND, 2);
  let sent = 0;
  const spent = await cpuOf(pid, async () => {
    sent = await report(PER_SECOND, seconds);
  });
  return (spent * 1_000) / sent;
}
