import type { Clock } from '../../clock.ts';
import { GAP_MS, STEP_BACK_MS } from '../engine.ts';

/** When nobody watched the clock: everybody warned before `at` gets a whole new lead. */
export interface Gap {
  at: number;
  /** The clock stepped back: what lies in its future becomes `at`. */
  steppedBack: boolean;
}

/** Engine time: the clock, but never behind a moment that was used already, until a sweep takes a large step back over. */
export class EngineTime {
  readonly #clock: Clock;
  #latest = Number.NEGATIVE_INFINITY;
  #sweptAt = Number.NEGATIVE_INFINITY;
  #gap: Gap = { at: Number.NEGATIVE_INFINITY, steppedBack: false };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** When nobody watched the clock last. */
  get gap(): Gap {
    return this.#gap;
  }

  now(): number {
    this.passed(this.#clock.now());
    return this.#latest;
  }

  /** Time was there already: it goes on from there. */
  passed(moment: number): void {
    this.#latest = Math.max(this.#latest, moment);
  }

  /** The time of a sweep; `newGap` where nobody watched since the last one. `steppedFrom`: taken over from there. */
  sweep(): { now: number; newGap: boolean; steppedFrom: number | null } {
    const clock = this.#clock.now();
    const steppedFrom = this.#latest - clock > STEP_BACK_MS ? this.#latest : null;
    if (steppedFrom !== null) this.#latest = clock;
    const now = this.now();
    const newGap = steppedFrom !== null || now - this.#sweptAt > GAP_MS;
    if (newGap) this.#gap = { at: now, steppedBack: steppedFrom !== null };
    this.#sweptAt = now;
    return { now, newGap, steppedFrom };
  }
}
