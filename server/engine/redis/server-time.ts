import type { Clock } from '../../clock.ts';

/** How far a clock that nobody asks may drift, per ms; and for how long an estimate counts against a worse new one. */
const DRIFT = 1e-4;

interface Sample {
  offset: number;
  /** Half of how long the answer took: the offset is right within it. */
  error: number;
  at: number;
}

/** The engine's clock as this node estimates it: an offset to the monotonic clock, from answers that carried the time. */
export class ServerTime {
  readonly #clock: Clock;
  #best: Sample | null = null;
  #latest = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Never runs backwards, unless the engine's clock was set back. */
  now(): number {
    const estimate = this.#best === null ? this.#clock.now() : this.#clock.monotonic() + this.#best.offset;
    this.#latest = Math.max(this.#latest, Math.floor(estimate));
    return this.#latest;
  }

  /** An answer with the time arrived; `askedAt` and `answeredAt` by the monotonic clock. */
  learn(serverTime: number, askedAt: number, answeredAt: number): void {
    const error = (answeredAt - askedAt) / 2;
    // Whole milliseconds were cut off: in the middle of one, on average.
    const offset = serverTime + 0.5 - (askedAt + error);
    const best = this.#best;
    if (best !== null) {
      const aged = best.error + (answeredAt - best.at) * DRIFT;
      const contradicts = Math.abs(offset - best.offset) > error + aged + 1;
      if (!contradicts && error >= aged) return;
    }
    this.#best = { offset, error, at: answeredAt };
  }

  /** The engine's clock was set back to this. */
  setBack(serverTime: number): void {
    this.#best = null;
    this.#latest = serverTime;
  }
}
