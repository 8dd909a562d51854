import type { Clock } from '../../server/clock.ts';

/** A clock that stands still until a test moves it. */
export interface TestClock extends Clock {
  /** Lets time pass: timers that fall due run in order, each at its own moment. */
  advance(ms: number): void;
  /** Somebody set the wall clock (negative: back). No time passes and no timer runs. */
  step(ms: number): void;
  /** How many timers are armed. */
  readonly pending: number;
}

interface Timer {
  dueAt: number;
  order: number;
  run: () => void;
}

const LONGEST_TIMER_MS = 60_000;

export function createTestClock(start: number): TestClock {
  let elapsed = 0;
  let offset = start;
  let armed = 0;
  const timers = new Set<Timer>();

  const firstDueBy = (moment: number): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (timer.dueAt > moment) continue;
      if (!first || timer.dueAt < first.dueAt || (timer.dueAt === first.dueAt && timer.order < first.order)) {
        first = timer;
      }
    }
    return first;
  };

  return {
    now: () => offset + elapsed,
    monotonic: () => elapsed,
    after(delayMs, run) {
      // The port forbids it, and setTimeout would fire at once beyond 2^31 ms.
      if (!(delayMs <= LONGEST_TIMER_MS)) throw new RangeError(`a timer of ${delayMs} ms: at most a minute`);
      armed += 1;
      const timer = { dueAt: elapsed + Math.max(0, delayMs), order: armed, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance(ms) {
      if (!(ms >= 0)) throw new RangeError(`time does not pass by ${ms} ms`);
      const until = elapsed + ms;
      for (let timer = firstDueBy(until); timer; timer = firstDueBy(until)) {
        timers.delete(timer);
        elapsed = Math.max(elapsed, timer.dueAt);
        timer.run();
      }
      elapsed = until;
    },
    step(ms) {
      offset += ms;
    },
    get pending() {
      return timers.size;
    },
  };
}
