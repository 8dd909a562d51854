import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from 'redis';
import { PROJECT } from '../../support/node-process.ts';
import { freePort } from '../../support/places.ts';
import { createRandom } from '../../support/random.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { signServiceToken } from '../../support/tokens.ts';
import { pause } from '../../support/waiting.ts';
import { judge, type Report } from '../checker/judge.ts';
import { Crowd } from '../crowd/crowd.ts';
import { Recorder } from '../log.ts';
import { NodeProcess } from '../stage/node-process.ts';
import { type Receiver, startReceiver } from '../stage/receiver.ts';
import { watchReadiness } from '../stage/stage.ts';

const LEAD_MS = 2_500;
const TIMEOUT_MS = 6_000;
const LONG_MS = 60_000;
/** In the last one nobody is signed out but by a manager. */
const ACCOUNTS = ['desk-1', 'desk-2', 'desk-3', 'desk-4'];
const PATIENT = 'desk-4';
const AGENTS = 80;
const SETTLE_MS = TIMEOUT_MS + LEAD_MS + 8_000;

export const DRILLS = ['plain', 'loss', 'rollback'] as const;
export type DrillKind = (typeof DRILLS)[number];

/** What a drill is made of. */
interface Ground {
  nodes: [NodeProcess, NodeProcess];
  redis: RedisServer;
  receiver: Receiver;
  crowd: Crowd;
  recorder: Recorder;
}

/** A short scripted history: two nodes and one Redis on this machine, everything that mutants stumble over. */
export async function runDrill(name: string, kind: DrillKind, dist: string): Promise<Report> {
  const folder = join(PROJECT, '.tmp', 'chaos');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `drill-${name}.jsonl.gz`);
  const recorder = new Recorder(path);
  const names = ['node1', 'node2'];
  const times = { leadMs: LEAD_MS, timeoutMs: TIMEOUT_MS };
  recorder.write({ k: 'meta', profile: `drill ${kind}`, seed: 1, ...times, nodes: names, epoch: Date.now() });
  const redis = await startRedis({ persistence: 'aof' });
  const receiver = await startReceiver(recorder, '127.0.0.1');
  const env = {
    REDIS_URL: redis.url,
    VIGIL_WARNING_LEAD: `${LEAD_MS}ms`,
    VIGIL_MIN_TIMEOUT: `${TIMEOUT_MS}ms`,
    VIGIL_WEBHOOK_URL: receiver.url,
  };
  const open = async (node: string) => {
    return new NodeProcess(node, { host: null, port: await freePort() }, { dist, env }, recorder);
  };
  const nodes: [NodeProcess, NodeProcess] = [await open('node1'), await open('node2')];
  for (const node of nodes) await node.start();
  const random = createRandom(1);
  // A tab does not come back to a node that is down.
  const url = () => random.pick(nodes.filter(({ pid }) => pid !== undefined)).url;
  const nodeOf = (place: string) => nodes.find((node) => node.url === place)?.name ?? '';
  const stopLooking = watchReadiness(nodes, recorder);
  const crowd = new Crowd({
    recorder,
    random,
    url,
    nodeOf,
    accounts: ACCOUNTS,
    agents: AGENTS,
    ...times,
    hostNow: Date.now,
  });
  try {
    for (const account of ACCOUNTS)
      await crowd.setTimeoutOf(account, account === PATIENT ? LONG_MS : TIMEOUT_MS);
    await crowd.open();
    await SCRIPTS[kind]({ nodes, redis, receiver, crowd, recorder });
    crowd.rest();
    await crowd.setTimeoutOf(PATIENT, TIMEOUT_MS);
    await pause(SETTLE_MS);
    await crowd.readAll();
    recorder.write({ k: 'done' });
  } finally {
    stopLooking();
    crowd.close();
    for (const node of nodes) await node.close();
    await receiver.close();
    await redis.close();
    await recorder.close();
  }
  return judge(path, { lateness: false });
}

const SCRIPTS = {
  async plain({ nodes, redis, receiver, crowd, recorder }: Ground): Promise<void> {
    const fault = faultLog(recorder);
    await pause(8_000);
    await fault('policy-flap', 'desk-1', async () => {
      await crowd.setTimeoutOf('desk-1', 15_000);
      await pause(8_500);
      await crowd.setTimeoutOf('desk-1', TIMEOUT_MS);
    });
    await pause(500);
    await fault('herd', 'tabs', async () => crowd.herd());
    await fault('receiver-hangs', 'receiver', async () => {
      receiver.hang(true);
      // So that every account has something to tell.
      for (const agent of crowd.agents.slice(0, AGENTS / 2)) agent.stepOut();
      await pause(2_500);
      receiver.hang(false);
    });
    // Long enough that whoever was warned before would be ended the moment it is back.
    await fault('redis-pause', 'r1', async () => {
      redis.stop();
      await pause(6_500);
      // Of these only the nodes know.
      for (const agent of crowd.agents) if (!agent.isSteady && agent.account !== PATIENT) agent.lastWord();
      await pause(1_000);
      redis.cont();
    });
    await pause(5_000);
    await fault('node-kill', 'node1', async () => {
      await signOutMany(nodes[0].url, crowd);
      await nodes[0].kill();
      await pause(1_500);
      await nodes[0].start();
    });
    await pause(2_000);
    await fault('receiver-hangs', 'receiver', async () => {
      receiver.hang(true);
      for (const agent of crowd.agents.slice(AGENTS / 2)) agent.stepOut();
      await pause(2_500);
      // What is tried again hangs, too, and by now that is all of it.
      receiver.hang(false);
      receiver.hang(true);
      await pause(4_500);
      receiver.hang(false);
    });
  },

  async loss({ redis, crowd, recorder }: Ground): Promise<void> {
    const fault = faultLog(recorder);
    await pause(5_000);
    await fault('redis-wipe', 'r1', async () => void (await redis.command('FLUSHALL')));
    await pause(9_000);
    await fault('herd', 'tabs', async () => crowd.herd());
    await pause(5_000);
  },

  async rollback({ nodes, redis, crowd, recorder }: Ground): Promise<void> {
    const fault = faultLog(recorder);
    await pause(8_000);
    await fault('redis-failover', 'r1', () => {
      return rollBack(redis, async () => {
        await signOutMany(nodes[0].url, crowd);
        // Their tabs are told of two transitions that are lost: what comes next must not be taken for older.
        for (const agent of crowd.agents) agent.stepOut();
        await pause(1_500);
      });
    });
    await pause(14_000);
  },
};

/** As a replica would have them that lacks the last moments. */
const COPY_ALL = `for _, key in ipairs(redis.call('KEYS', '*')) do redis.call('COPY', key, key, 'DB', 1, 'REPLACE') end`;

/** Nodes repeat what happened in the last 10 s: where the machine needed longer for it, the drill says nothing. */
const ROLLED_BACK_MS = 7_000;

/** The machine had more to do than it can. */
export class DrillTooSlow extends Error {}

async function rollBack(redis: RedisServer, happen: () => Promise<unknown>): Promise<void> {
  const copiedAt = performance.now();
  await redis.command('EVAL', COPY_ALL, '0');
  await happen();
  // At once: nobody talks to the one that takes over on a connection to the one that went.
  const client = await createClient({ url: redis.url }).connect();
  const atOnce = client.multi().addCommand(['SWAPDB', '0', '1']);
  for (const type of ['normal', 'pubsub'])
    atOnce.addCommand(['CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes']);
  await atOnce.exec();
  client.destroy();
  if (performance.now() - copiedAt > ROLLED_BACK_MS) throw new DrillTooSlow('the rollback took too long');
}

function faultLog(recorder: Recorder) {
  let id = 0;
  return async (fault: string, on: string, happen: () => Promise<void>): Promise<void> => {
    id += 1;
    const about = { k: 'fault', id, fault, on } as const;
    recorder.write({ ...about, phase: 'begin' });
    await happen();
    recorder.write({ ...about, phase: 'end' });
  };
}

/** A manager signs everybody of the patient desk out, through one node. */
async function signOutMany(url: string, { agents }: Crowd): Promise<void> {
  const headers = { Authorization: `Bearer ${signServiceToken({ account: PATIENT })}` };
  const patient = agents.filter(({ account }) => account === PATIENT);
  await Promise.all(
    patient.map(({ agent }) =>
      fetch(`${url}/v1/agents/${agent}/sign-out`, { method: 'POST', headers }).catch(() => null),
    ),
  );
}
