/**
 * What tracked sessions cost in Redis, at 1,000 and at 1,000,000: `npm run bench:million`. Memory of a session, and the
 * CPU time of redis-server for a touch and for a sweep that finds nothing due. `VIGIL_BENCH_SESSIONS` for fewer.
 */
import { systemClock } from '../server/clock.ts';
import type { Engine } from '../server/engine/engine.ts';
import { openRedisEngine } from '../server/engine/redis/open-redis-engine.ts';
import { type RedisServer, startRedis } from '../test/support/redis.ts';

const LARGE = Number(process.env.VIGIL_BENCH_SESSIONS ?? 1_000_000);
const SMALL = 1_000;
/** As many at both sizes: what differs is how much stands in each. */
const ACCOUNTS = 100;
const ROUNDS = 5;
const TOUCHES = 20_000;
const SWEEPS = 20;

const redis = await startRedis({ args: ['--maxmemory-policy', 'noeviction'] });
const engine = await openRedisEngine({
  target: { kind: 'single', url: redis.url },
  leadMs: 60_000,
  minTimeoutMs: 900_000,
  clock: systemClock,
  relay() {},
  log: { error: console.error, warn() {}, info() {} },
});

const empty = await usedMemory(redis);
await admit(engine, 0, SMALL);
const small = { touch: await medianOf(touchMicros, SMALL), sweep: await medianOf(sweepMicros, SMALL) };
await admit(engine, SMALL, LARGE);
const total = (await usedMemory(redis)) - empty;
const audit = await auditMemory(redis);
const large = { touch: await medianOf(touchMicros, LARGE), sweep: await medianOf(sweepMicros, LARGE) };

console.log(
  JSON.stringify({
    sessions: LARGE,
    bytesPerSession: Math.round((total - audit) / LARGE),
    auditBytesPerSession: Math.round(audit / LARGE),
    touchMicros: {
      [SMALL]: round(small.touch),
      [LARGE]: round(large.touch),
      ratio: round(large.touch / small.touch),
    },
    sweepMicros: {
      [SMALL]: round(small.sweep),
      [LARGE]: round(large.sweep),
      ratio: round(large.sweep / small.sweep),
    },
  }),
);
await engine.close();
await redis.close();

function loginOf(index: number) {
  const account = `account-${index % ACCOUNTS}`;
  return { account, agent: `agent-${index}`, sid: `login-of-agent-${index}-0123456789abcdef` };
}

async function admit(into: Engine, from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += 1_000) {
    const now = Date.now();
    const many = Array.from({ length: Math.min(1_000, to - start) }, (_, i) => ({
      ...loginOf(start + i),
      loginAt: now,
      issuedAt: now,
      name: `Agent ${start + i}`,
      permissions: [],
      autoAssign: true,
    }));
    await Promise.all(many.map((login) => into.admit(login)));
    if (start % 100_000 === 0) console.error(`${start} sessions`);
    await into.sweep();
  }
}

/** Redis's CPU time for one touched agent, in batches of 500 from all over. */
async function touchMicros(sessions: number): Promise<number> {
  const before = await cpuMicros(redis);
  for (let done = 0; done < TOUCHES; done += 500) {
    const at = engine.now();
    const reports = Array.from({ length: 500 }, () => ({
      ...loginOf(Math.floor(Math.random() * sessions)),
      at,
    }));
    await engine.touch(reports);
  }
  return ((await cpuMicros(redis)) - before) / TOUCHES;
}

/** Redis's CPU time for one sweep of all partitions. */
async function sweepMicros(): Promise<number> {
  const before = await cpuMicros(redis);
  for (let done = 0; done < SWEEPS; done += 1) await engine.sweep();
  return ((await cpuMicros(redis)) - before) / SWEEPS;
}

async function medianOf(measure: (sessions: number) => Promise<number>, sessions: number): Promise<number> {
  const found: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) found.push(await measure(sessions));
  return found.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
}

async function info(server: RedisServer, section: string, field: string): Promise<number> {
  const text = await server.command<string>('INFO', section);
  return Number(new RegExp(`^${field}:([\\d.]+)`, 'm').exec(text)?.[1]);
}

function usedMemory(server: RedisServer): Promise<number> {
  return info(server, 'memory', 'used_memory');
}

async function cpuMicros(server: RedisServer): Promise<number> {
  const user = await info(server, 'cpu', 'used_cpu_user');
  const system = await info(server, 'cpu', 'used_cpu_sys');
  return (user + system) * 1_000_000;
}

/** What the audit log takes, which is bounded by account and not by session. */
async function auditMemory(server: RedisServer): Promise<number> {
  let sum = 0;
  for (const key of await server.command<string[]>('KEYS', 'vigil:*')) {
    if (!/:(kept|common|outbox)$/.test(key)) continue;
    sum += Number(await server.command('MEMORY', 'USAGE', key, 'SAMPLES', '0'));
  }
  return sum;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
