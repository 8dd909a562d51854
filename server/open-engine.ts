import { join } from 'node:path';
import type { Clock } from './clock.ts';
import { type Config, ConfigRefused } from './config.ts';
import type { Engine, Relay } from './engine/engine.ts';
import { openMemoryEngine } from './engine/memory/memory-engine.ts';
import { openLmdbStore } from './engine/memory/store/lmdb-store.ts';
import type { Store } from './engine/memory/store/store.ts';
import { createVolatileStore } from './engine/memory/store/volatile-store.ts';
import { openRedisEngine } from './engine/redis/open-redis-engine.ts';
import { EngineMismatch } from './engine/redis/setup.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { unreachable } from './redis/unreachable.ts';
import type { RedisTarget } from './redis-url.ts';

/** What a node starts on is away. The message says all that whoever starts it needs. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';
}

export type OpenEngine = (
  config: Config,
  surroundings: { clock: Clock; relay: Relay; log: Log; metrics: Metrics },
) => Promise<Engine>;

/** Opens the engine that the settings ask for; ConfigRefused where they name one that cannot be opened. */
export const openEngine: OpenEngine = async (config, surroundings) => {
  if (config.redis !== null) return openOnRedis(config.redis, config, surroundings);
  const { clock, relay, log } = surroundings;
  const { leadMs, minTimeoutMs, dataDir, audit } = config;
  const { maxEvents } = audit;
  const store =
    dataDir === null ? createVolatileStore(maxEvents) : await openStore(dataDir, clock, maxEvents);
  const deliver = sendsWebhooks(config);
  return openMemoryEngine({ leadMs, minTimeoutMs, deliver, audit, clock, store, relay, log });
};

async function openOnRedis(
  target: RedisTarget,
  config: Config,
  { clock, relay, log, metrics }: Parameters<OpenEngine>[1],
): Promise<Engine> {
  try {
    const { leadMs, minTimeoutMs, audit } = config;
    const { redisConcern: onConcern, redisAnswered: onAnswered } = metrics;
    const told = { relay, log, onConcern, onAnswered, onDropped: metrics.dropped };
    const options = { leadMs, minTimeoutMs, deliver: sendsWebhooks(config), audit };
    return await openRedisEngine({ target, ...options, clock, ...told });
  } catch (error) {
    if (error instanceof EngineMismatch) throw refused('REDIS_URL', error.message);
    // A fault of ours is to be seen whole.
    if (error instanceof TypeError || error instanceof ReferenceError) throw error;
    throw new CannotStart(`REDIS_URL: ${unreachable(target, error)}`, { cause: error });
  }
}

/** The demo desk takes them where nobody else does. */
function sendsWebhooks({ webhook, demo }: Config): boolean {
  return webhook !== null || demo !== null;
}

async function openStore(dataDir: string, clock: Clock, keptEvents: number): Promise<Store> {
  try {
    return await openLmdbStore(join(dataDir, 'engine'), clock, keptEvents);
  } catch (error) {
    throw refused('VIGIL_DATA_DIR', `cannot be used: ${(error as Error).message}`);
  }
}

function refused(variable: string, problem: string): ConfigRefused {
  return new ConfigRefused([{ variable, problem }]);
}
