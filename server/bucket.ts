/** How often something may happen: `burst` times at once, `perSecond` in the long run. */
export interface Rate {
  burst: number;
  perSecond: number;
}

/** A token bucket. Time comes from outside, in ms that only grow. */
export class Bucket {
  #level: number;
  #at: number;

  constructor(rate: Rate, now: number) {
    this.#level = rate.burst;
    this.#at = now;
  }

  /** Takes one; false where none is left. */
  take({ burst, perSecond }: Rate, now: number): boolean {
    this.#level = Math.min(burst, this.#level + ((now - this.#at) * perSecond) / 1_000);
    this.#at = now;
    if (this.#level < 1) return false;
    this.#level -= 1;
    return true;
  }
}
