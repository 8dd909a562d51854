import type { Emission, Engine, EngineOptions } from '../../server/engine/engine.ts';
import { openRedisEngine, type RedisEngineOptions } from '../../server/engine/redis/open-redis-engine.ts';
import { type OpenLink, openLink } from '../../server/redis/open-link.ts';
import type { RedisTarget } from '../../server/redis-url.ts';
import { type EngineHarness, START } from '../contract/engine/harness.ts';
import { createTestClock } from './clock.ts';
import type { RedisServer } from './redis.ts';

/** Engines of the contract suite on a Redis that is emptied for each. */
export interface RedisUnderTest {
  target: RedisTarget;
  flush(): Promise<void>;
  forgetLastSweep(): Promise<void>;
}

export function onServers(target: RedisTarget, servers: readonly RedisServer[]): RedisUnderTest {
  const everywhere = async (...words: string[]) => {
    await Promise.all(servers.map((server) => server.command(...words)));
  };
  return {
    target,
    flush: () => everywhere('FLUSHALL'),
    forgetLastSweep: () => everywhere('EVAL', FORGET_LAST_SWEEP, '0'),
  };
}

const FORGET_LAST_SWEEP = `
  for _, key in ipairs(redis.call('KEYS', 'vigil:{*}:clock')) do
    redis.call('HDEL', key, 'sweptAt')
  end`;

export type MoreOptions = Partial<Pick<RedisEngineOptions, 'partitions' | 'log'>>;

/** The Redis engine with a clock that a test moves, handed to the scripts in place of Redis's `TIME`. */
export async function openOnRedis(
  redis: RedisUnderTest,
  options: EngineOptions,
  more: MoreOptions = {},
): Promise<EngineHarness> {
  await redis.flush();
  const clock = createTestClock(START);
  const emissions: Emission[] = [];
  let life = await start();

  async function start() {
    const wire = severable();
    const relay = (emission: Emission) => {
      if (!wire.severed) emissions.push(emission);
    };
    const engine = await openRedisEngine({
      ...options,
      ...more,
      target: redis.target,
      clock,
      relay,
      log: more.log ?? STRICT,
      timeSource: clock.now,
      openLink: wire.open,
    });
    return { engine, wire };
  }

  return {
    clock,
    emissions,
    get engine(): Engine {
      return life.engine;
    },
    /** The data outlive a node, so its start alone is no gap; that nobody swept while there was none is. */
    async reopen(downMs = 0) {
      life.wire.sever();
      await life.engine.close();
      clock.advance(downMs);
      await redis.forgetLastSweep();
      life = await start();
    },
    close: () => life.engine.close(),
  };
}

/** A link in the hands of a test. */
export interface TestWire {
  open: OpenLink;
  /** From now on nothing gets through, as if the process had been killed. */
  sever(): void;
  /** What is sent gets through, but no answer comes back. */
  deafen(deaf: boolean): void;
  readonly severed: boolean;
}

export function severable(): TestWire {
  let severed = false;
  let deaf = false;
  return {
    async open(target) {
      const link = await openLink(target);
      return {
        async send(key, words) {
          if (severed) throw new Error('cut by the test');
          const answer = await link.send(key, words);
          if (deaf) throw new Error('the answer was lost by the test');
          return answer;
        },
        close: () => link.close(),
      };
    },
    sever() {
      severed = true;
    },
    deafen(on) {
      deaf = on;
    },
    get severed() {
      return severed;
    },
  };
}

/** What an engine under test never should have to say. */
export const STRICT: RedisEngineOptions['log'] = {
  info: () => {},
  warn: () => {},
  error(fields, message) {
    throw new Error(message, { cause: fields });
  },
};
