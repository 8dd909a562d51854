import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Emission, Engine, EngineOptions } from '../../server/engine/engine.ts';
import { openMemoryEngine } from '../../server/engine/memory/memory-engine.ts';
import { openLmdbStore } from '../../server/engine/memory/store/lmdb-store.ts';
import type { Store } from '../../server/engine/memory/store/store.ts';
import { createVolatileStore } from '../../server/engine/memory/store/volatile-store.ts';
import { type EngineHarness, START } from '../contract/engine/harness.ts';
import { createTestClock, type TestClock } from './clock.ts';
import { createRememberingStore } from './remembering-store.ts';

/** The memory engine where nothing survives. */
export async function openVolatile(options: EngineOptions): Promise<EngineHarness> {
  const run = createRun(options);
  await run.start(createVolatileStore(options.audit?.maxEvents));
  return {
    ...run.harness,
    get engine() {
      return run.engine();
    },
    async reopen() {
      throw new Error('nothing survives here');
    },
    close: () => run.engine().close(),
  };
}

/** The memory engine on a store that forgets nothing and writes no file: for the many restarts of random histories. */
export async function openRemembering(options: EngineOptions): Promise<EngineHarness> {
  const run = createRun(options);
  const store = createRememberingStore();
  await run.start(store);
  return {
    ...run.harness,
    get engine() {
      return run.engine();
    },
    /** The engine that was "killed" is left alone: it has no timer and writes nothing unasked. */
    async reopen(downMs = 0) {
      run.cutOff();
      run.clock.advance(downMs);
      await run.start(store);
    },
    close: () => run.engine().close(),
  };
}

/** The memory engine on its embedded store, in a folder of its own. */
export async function openDurable(options: EngineOptions): Promise<EngineHarness> {
  const run = createRun(options);
  let dir = newFolder();
  const open = (folder: string) => openStore(folder, options.audit?.maxEvents);
  await run.start(await open(dir));
  return {
    ...run.harness,
    get engine() {
      return run.engine();
    },
    /**
     * What a kill -9 leaves behind is what stands in the store's files, so the next engine goes on with a copy of them;
     * the one that was "killed" is cut off first, and whatever it still writes goes nowhere.
     */
    async reopen(downMs = 0) {
      const copy = newFolder();
      run.cutOff();
      cpSync(dir, copy, { recursive: true });
      const killed = run.engine();
      run.clock.advance(downMs);
      await run.start(await open(copy));
      await killed.close();
      rmSync(dir, { recursive: true });
      dir = copy;
    },
    async close() {
      run.cutOff();
      await run.engine().close();
      rmSync(dir, { recursive: true });
    },
  };
}

function createRun(options: EngineOptions) {
  const clock: TestClock = createTestClock(START);
  const emissions: Emission[] = [];
  let current: Engine | undefined;
  let alive = { listening: true };
  const log = { error: refuse, warn: () => undefined };
  return {
    clock,
    harness: { clock, emissions },
    engine: () => current as Engine,
    cutOff() {
      alive.listening = false;
    },
    async start(store: Store) {
      const life = { listening: true };
      alive = life;
      const relay = (emission: Emission) => {
        if (life.listening) emissions.push(emission);
      };
      current = await openMemoryEngine({ ...options, clock, store, relay, log });
    },
  };
}

/** Its owner's heart beats by a clock that only runs while a store opens, so that a "killed" one falls silent. */
async function openStore(dir: string, keptEvents?: number): Promise<Store> {
  const clock = createTestClock(START);
  let opening = true;
  const opened = openLmdbStore(dir, clock, keptEvents).finally(() => {
    opening = false;
  });
  while (opening) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(100);
  }
  return opened;
}

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'vigil-engine-'));
}

function refuse(fields: object, message: string): void {
  throw new Error(message, { cause: fields });
}
