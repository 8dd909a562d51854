/**
 * What it costs to record the presence of an account with 10,000 agents: `npx tsx bench/presence-recording.ts`. The first
 * minute writes everybody, the following nobody; between them lies what a real minute costs.
 */
import type { Engine } from '../server/engine/engine.ts';
import { startPresenceRecorder } from '../server/presence-recorder.ts';
import { LEAD, MIN_TIMEOUT } from '../test/contract/engine/harness.ts';
import { openNode } from '../test/server/engine/redis/node-under-test.ts';
import { createTestClock, type TestClock } from '../test/support/clock.ts';
import { openDurable } from '../test/support/memory-engine.ts';
import { type RedisServer, startRedis } from '../test/support/redis.ts';
import { pause } from '../test/support/waiting.ts';

const AGENTS = 10_000;
const ACCOUNT = 'acme';
const MINUTE = 60_000;
const DISPLAY = { idleAfterMs: MINUTE, leaveGraceMs: 5_000 };

const SIZE = `return redis.call('MEMORY', 'USAGE', redis.call('KEYS', '*:' .. ARGV[1])[1], 'SAMPLES', 0)`;

const memory = await openDurable({ leadMs: LEAD, minTimeoutMs: MIN_TIMEOUT });
await measure('memory', memory.engine, (ms) => memory.clock.advance(ms));
await memory.close();

const redis = await startRedis();
const clock: TestClock = createTestClock(Date.now());
const target = { kind: 'single', url: redis.url } as const;
const node = await openNode({ target, clock, timeSource: clock.now });
await measure('redis', node.engine, clock.advance, redis);
for (const key of ['points', 'latest', 'trails'])
  console.log(`redis, ${key}: ${await redis.command('EVAL', SIZE, '0', key)} bytes`);
await node.close();
await redis.close();

async function measure(name: string, engine: Engine, advance: (ms: number) => void, server?: RedisServer) {
  for (let agent = 0; agent < AGENTS; agent += 1) await signIn(engine, agent);
  const timers = createTestClock(0);
  const recorder = startPresenceRecorder({ engine, clock: timers, display: DISPLAY, log: console });
  await timed(`${name}, everybody is written`, () => recorder.want(ACCOUNT), server);
  for (let minute = 0; minute < 5; minute += 1) {
    advance(MINUTE + 1_000);
    const round = async () => {
      timers.advance(10_000);
      while (timers.pending === 0) await pause(0);
    };
    await timed(`${name}, nobody changed`, round, server);
  }
  await recorder.close();
}

async function timed(what: string, run: () => Promise<void>, server?: RedisServer): Promise<void> {
  const before = { own: process.cpuUsage(), redis: await cpuOf(server) };
  await run();
  const { user, system } = process.cpuUsage(before.own);
  const ofRedis = (await cpuOf(server)) - before.redis;
  console.log(
    `${what}: ${Math.round((user + system) / 1_000)} ms of the node, ${Math.round(ofRedis)} ms of Redis`,
  );
}

async function cpuOf(server?: RedisServer): Promise<number> {
  const info = String((await server?.command('INFO', 'cpu')) ?? '');
  const seconds = ['user', 'sys'].map((kind) =>
    Number(RegExp(`used_cpu_${kind}:([\\d.]+)`).exec(info)?.[1] ?? 0),
  );
  return 1_000 * seconds.reduce((sum, one) => sum + one, 0);
}

async function signIn(engine: Engine, agent: number): Promise<void> {
  const at = engine.now();
  const who = { account: ACCOUNT, agent: `agent-${agent}`, sid: `login-${agent}`, name: `Agent ${agent}` };
  await engine.admit({ ...who, loginAt: at, issuedAt: at, permissions: [], autoAssign: true });
}
