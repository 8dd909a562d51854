import { systemClock } from '../../server/clock.ts';
import type { Engine, LoginRef, TouchReport } from '../../server/engine/engine.ts';
import { openRedisEngine } from '../../server/engine/redis/open-redis-engine.ts';
import { type RedisServer, startRedis } from '../../test/support/redis.ts';
import { usedMemory } from '../simulation/memory.ts';

const AT_ONCE = 1_000;
/** Agents who have their tabs on one node: it holds no more than these, so its caches hold them better than a million. */
const ON_A_NODE = 20_000;

/** An engine on a Redis of its own (AOF everysec) that tracks so many sessions, and a bare queue of as many members. */
export interface Tracked {
  readonly sessions: number;
  readonly accounts: number;
  readonly engine: Engine;
  readonly redis: RedisServer;
  /** Bytes that the sessions took, with their audit log. */
  readonly bytes: number;
  loginOf(index: number): { account: string; agent: string; sid: string };
  /** So many agents who are touched now: of one account, or from all over; of everybody, or of those of one node. */
  reports(count: number, from: 'one account' | 'all over', of: 'everybody' | 'one node'): TouchReport[];
  close(): Promise<void>;
}

export async function track(sessions: number, perAccount: number): Promise<Tracked> {
  const accounts = Math.max(1, Math.round(sessions / perAccount));
  const redis = await startRedis({ persistence: 'aof', args: ['--maxmemory-policy', 'noeviction'] });
  const engine = await openRedisEngine({
    target: { kind: 'single', url: redis.url },
    leadMs: 60_000,
    minTimeoutMs: 900_000,
    clock: systemClock,
    relay() {},
    log: { error: console.error, warn() {}, info() {} },
  });
  const names = Array.from({ length: accounts }, (_, index) => `account-${index}`);
  // As on a node: a report names what its tab came in with. Some from all over, and some of few accounts.
  const held = new Map<number, LoginRef>();
  const loginOf = (index: number): LoginRef =>
    held.get(index) ?? {
      account: names[index % accounts]!,
      agent: `agent-${index}`,
      sid: `login-of-agent-${index}-0123456789abcdef`,
    };
  const hold = (index: number): LoginRef => {
    const login = loginOf(index);
    held.set(index, login);
    return login;
  };
  const members = Math.floor(sessions / accounts);
  const memberOf = (account: number) => loginOf(account + accounts * below(members));
  const onNode = Array.from({ length: Math.min(sessions, ON_A_NODE) }, () => hold(below(sessions)));
  const few = Array.from({ length: Math.min(accounts, Math.ceil(ON_A_NODE / perAccount)) }, (_, account) =>
    Array.from({ length: members }, (_, index) => hold(account + accounts * index)),
  );
  const empty = await usedMemory(redis);
  await admitAll(engine, sessions, loginOf);
  const bytes = (await usedMemory(redis)) - empty;
  return {
    sessions,
    accounts,
    engine,
    redis,
    bytes,
    loginOf,
    reports(count, from, of) {
      const at = engine.now();
      const account = below(of === 'everybody' ? accounts : few.length);
      const pick = () => {
        if (from === 'all over') return of === 'everybody' ? loginOf(below(sessions)) : oneOf(onNode);
        return of === 'everybody' ? memberOf(account) : oneOf(few[account]!);
      };
      return Array.from({ length: count }, () => ({ ...pick(), at }));
    },
    async close() {
      await engine.close();
      await redis.close();
    },
  };
}

async function admitAll(
  engine: Engine,
  sessions: number,
  loginOf: (index: number) => { account: string; agent: string; sid: string },
): Promise<void> {
  for (let start = 0; start < sessions; start += AT_ONCE) {
    const now = Date.now();
    const logins = Array.from({ length: Math.min(AT_ONCE, sessions - start) }, (_, i) => ({
      ...loginOf(start + i),
      loginAt: now,
      issuedAt: now,
      name: `Agent ${start + i}`,
      permissions: [],
      autoAssign: true,
    }));
    await Promise.all(logins.map((login) => engine.admit(login)));
    await engine.sweep();
  }
}

function oneOf<T>(items: readonly T[]): T {
  return items[below(items.length)]!;
}

export function below(end: number): number {
  return Math.floor(Math.random() * end);
}
