import { isDeepStrictEqual } from 'node:util';
import type { Emission, Engine, Relay } from '../../../server/engine/engine.ts';
import { openMemoryEngine } from '../../../server/engine/memory/memory-engine.ts';
import { createVolatileStore } from '../../../server/engine/memory/store/volatile-store.ts';
import { openRedisEngine } from '../../../server/engine/redis/open-redis-engine.ts';
import { type OpenLink, openLink } from '../../../server/redis/open-link.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { STRICT } from '../../support/redis-engine.ts';
import { START } from '../engine/harness.ts';
import { everythingOf } from './asking.ts';
import { type Act, OPTIONS, type World } from './world.ts';

const QUIET = { ...STRICT, warn: () => {} };
const ACCOUNTS = ['acme', '{b}:%'];

interface Side extends World {
  clock: TestClock;
  told: Emission[];
}

/** Runs histories on memory and on Redis at once; the first difference is an Error that tells what was done until then. */
export interface SideBySide {
  run(history: readonly Act[]): Promise<void>;
  close(): Promise<void>;
}

export async function openSideBySide(url: string): Promise<SideBySide> {
  const target = { kind: 'single', url } as const;
  const link = await openLink(target);
  // One connection for all histories; each has an engine of its own on a Redis that is empty.
  const sharedLink: OpenLink = async () => ({ send: link.send, close: async () => {} });

  async function openRedis(clock: TestClock, relay: Relay): Promise<Engine> {
    await link.send('', ['FLUSHALL']);
    // One partition, since the memory engine has one time for all accounts.
    const only = { partitions: 1, timeSource: clock.now, openLink: sharedLink };
    return openRedisEngine({ ...OPTIONS, ...only, target, clock, relay, log: QUIET });
  }

  const openMemory = (clock: TestClock, relay: Relay) =>
    openMemoryEngine({
      ...OPTIONS,
      clock,
      relay,
      store: createVolatileStore(OPTIONS.audit!.maxEvents),
      log: QUIET,
    });

  return {
    async run(history) {
      const memory = await openSide(openMemory);
      const redis = await openSide(openRedis);
      const done: string[] = [];
      try {
        for (const act of history) {
          done.push(act.says);
          const [expected, actual] = [await act.run(memory), await act.run(redis)];
          compare(done, 'answers', expected, actual);
          compare(done, 'emissions', toldByAccount(memory), toldByAccount(redis));
          for (const side of [memory, redis]) rememberEvents(side);
        }
        for (const id of ACCOUNTS)
          compare(
            done,
            `what is left of ${id}`,
            await everythingOf(memory, id),
            await everythingOf(redis, id),
          );
      } finally {
        await memory.engine.close();
        await redis.engine.close();
      }
    },
    close: () => link.close(),
  };
}

async function openSide(open: (clock: TestClock, relay: Relay) => Promise<Engine>): Promise<Side> {
  const clock = createTestClock(START);
  const told: Emission[] = [];
  const engine = await open(clock, (emission) => void told.push(emission));
  return { engine, clock, told, cursors: new Map(), eventIds: [] };
}

function toldByAccount({ told }: Side): Emission[][] {
  return ACCOUNTS.map((id) => told.filter(({ account }) => account === id));
}

function rememberEvents(side: Side): void {
  for (const { events } of side.told.splice(0)) side.eventIds.push(...events.map(({ id }) => id));
  // Between accounts the order is free; the same place must name the same event on both sides.
  side.eventIds.sort();
}

function compare(done: string[], what: string, expected: unknown, actual: unknown): void {
  if (isDeepStrictEqual(expected, actual)) return;
  const shown = (value: unknown) => JSON.stringify(value, null, 1);
  throw new Error(
    `${what} differ after\n  ${done.join('\n  ')}\nmemory: ${shown(expected)}\nredis: ${shown(actual)}`,
  );
}
