import type { Clock } from '../clock.ts';
import type { Engine } from './engine.ts';

/** Between two sweeps of everything: only so a clock that jumps, or another node's gap, is noticed in time. */
const MAX_SLEEP_MS = 1_000;
/** A timer may fire so much early. */
const TIMER_GRAIN_MS = 2;
/** Pause between two batches, so that a large piece of work leaves room for everything else. */
const BATCH_PAUSE_MS = 0;
/** Shortest sleep while engine time stands still (the clock was set back): what is due in a millisecond stays so for long. */
const STANDSTILL_PAUSE_MS = 100;

export interface Sweeper {
  /** Resolves when no sweep is under way any more. */
  stop(): Promise<void>;
}

/** Keeps an engine swept: sleeps until the next due moment, at most a second; one timer for everybody. */
export function startSweeper(options: {
  engine: Engine;
  clock: Clock;
  log: { warn(fields: object, message: string): void };
  /** Told how long each sweep took. */
  onSwept?: (seconds: number, ok: boolean) => void;
}): Sweeper {
  const { engine, clock, log, onSwept } = options;
  let stopped = false;
  let running: Promise<void> | null = null;
  let cancel: () => void = () => {};
  /** What the sleeper waits for, in engine time. */
  let wakeAt = Number.POSITIVE_INFINITY;
  let sweptAllAt = Number.NEGATIVE_INFINITY;

  function sleepUntil(dueAt: number, shortest = BATCH_PAUSE_MS): void {
    if (stopped) return;
    cancel();
    wakeAt = dueAt;
    const now = engine.now();
    const untilAll = Math.max(0, sweptAllAt + MAX_SLEEP_MS - clock.monotonic());
    const delay = Math.min(untilAll, Math.max(shortest, dueAt - now));
    cancel = clock.after(delay, () => {
      const standsStill = delay > 0 && engine.now() === now;
      running = sweep(standsStill ? STANDSTILL_PAUSE_MS : BATCH_PAUSE_MS);
    });
  }

  async function sweep(shortestSleep: number): Promise<void> {
    const startedAt = clock.monotonic();
    const swept = (ok: boolean) => onSwept?.((clock.monotonic() - startedAt) / 1000, ok);
    try {
      const all = startedAt - sweptAllAt > MAX_SLEEP_MS - TIMER_GRAIN_MS;
      if (all) sweptAllAt = startedAt;
      const dueAt = await engine.sweep(all ? 'all' : 'due');
      swept(true);
      running = null;
      sleepUntil(dueAt, dueAt <= engine.now() ? BATCH_PAUSE_MS : shortestSleep);
    } catch (err) {
      swept(false);
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
