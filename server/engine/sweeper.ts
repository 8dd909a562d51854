import type { Clock } from '../clock.ts';
import type { Engine } from './engine.ts';

/** Longest sleep: only so a clock that jumps, or another node's gap, is noticed in time. */
const MAX_SLEEP_MS = 1_000;
/** Pause between two batches, so that a large piece of work leaves room for everything else. */
const BATCH_PAUSE_MS = 0;

export interface Sweeper {
  /** Resolves when no sweep is under way any more. */
  stop(): Promise<void>;
}

/** Keeps an engine swept: sleeps until the next due moment, at most a second; one timer for everybody. */
export function startSweeper(options: {
  engine: Engine;
  clock: Clock;
  log: { warn(fields: object, message: string): void };
}): Sweeper {
  const { engine, clock, log } = options;
  let stopped = false;
  let running: Promise<void> | null = null;
  let cancel: () => void = () => {};
  /** What the sleeper waits for, in engine time. */
  let wakeAt = Number.POSITIVE_INFINITY;

  function sleepUntil(dueAt: number): void {
    if (stopped) return;
    cancel();
    wakeAt = dueAt;
    const delay = Math.min(MAX_SLEEP_MS, Math.max(BATCH_PAUSE_MS, dueAt - engine.now()));
    cancel = clock.after(delay, () => {
      running = sweep();
    });
  }

  async function sweep(): Promise<void> {
    try {
      const dueAt = await engine.sweep();
      running = null;
      sleepUntil(dueAt);
    } catch (err) {
      log.warn({ err }, 'sweep failed; trying again');
      running = null;
      sleepUntil(Number.POSITIVE_INFINITY);
    }
  }

  const unsubscribe = engine.onDueSooner((dueAt) => {
    if (running === null && dueAt < wakeAt) sleepUntil(dueAt);
  });
  sleepUntil(engine.now());

  return {
    async stop() {
      stopped = true;
      cancel();
      unsubscribe();
      await running;
    },
  };
}
