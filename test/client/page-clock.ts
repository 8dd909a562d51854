import type { PageClock } from '../../client/sdk/clock.ts';
import { createTestClock, type TestClock } from '../support/clock.ts';

/** A page's clocks, which a test moves; the machine can also sleep. */
export interface TestPageClock extends PageClock {
  advance(ms: number): void;
  /** Somebody set the wall clock. */
  step(ms: number): void;
  /** The machine sleeps: the wall clock goes on, timers and the monotonic clock stand still. */
  sleep(ms: number): void;
  readonly pending: number;
}

export const START = Date.UTC(2026, 0, 5, 9);

export function createPageClock(start = START): TestPageClock {
  const clock: TestClock = createTestClock(start);
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    after: (delayMs, run) => clock.after(delayMs, run),
    advance: (ms) => clock.advance(ms),
    step: (ms) => clock.step(ms),
    sleep: (ms) => clock.step(ms),
    get pending() {
      return clock.pending;
    },
  };
}
