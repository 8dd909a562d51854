import { join } from 'node:path';
import type { Clock } from './clock.ts';
import { type Config, ConfigRefused } from './config.ts';
import type { Engine, Relay } from './engine/engine.ts';
import { openMemoryEngine } from './engine/memory/memory-engine.ts';
import { openLmdbStore } from './engine/memory/store/lmdb-store.ts';
import type { Store } from './engine/memory/store/store.ts';
import { createVolatileStore } from './engine/memory/store/volatile-store.ts';
import type { Log } from './log.ts';

export type OpenEngine = (
  config: Config,
  surroundings: { clock: Clock; relay: Relay; log: Log },
) => Promise<Engine>;

/** Opens the engine that the settings ask for; ConfigRefused where they name one that cannot be opened. */
export const openEngine: OpenEngine = async (config, { clock, relay, log }) => {
  if (config.redis !== null) throw refused('REDIS_URL', 'this version has no Redis engine yet');
  const { leadMs, minTimeoutMs, dataDir } = config;
  const store = dataDir === null ? createVolatileStore() : await openStore(dataDir, clock);
  return openMemoryEngine({ leadMs, minTimeoutMs, clock, store, relay, log });
};

async function openStore(dataDir: string, clock: Clock): Promise<Store> {
  try {
    return await openLmdbStore(join(dataDir, 'engine'), clock);
  } catch (error) {
    throw refused('VIGIL_DATA_DIR', `cannot be used: ${(error as Error).message}`);
  }
}

function refused(variable: string, problem: string): ConfigRefused {
  return new ConfigRefused([{ variable, problem }]);
}
