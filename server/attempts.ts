import { Bucket, type Rate } from './bucket.ts';

/** How many somebodies are remembered; with more, whoever has been quiet longest is forgotten. */
const MAX_KEPT = 50_000;

/** Counts what somebody does, each by a rate of their own. Bounded, whoever they claim to be. */
export class Attempts {
  readonly #monotonic: () => number;
  readonly #onForgotten: () => void;
  readonly #buckets = new Map<string, Bucket>();

  constructor(monotonic: () => number, onForgotten: () => void = () => {}) {
    this.#monotonic = monotonic;
    this.#onForgotten = onForgotten;
  }

  /** Counts one; false where there have been too many. */
  take(key: string, rate: Rate): boolean {
    const now = this.#monotonic();
    const bucket = this.#buckets.get(key) ?? new Bucket(rate, now);
    // Put back at the end, behind all that have been quiet for longer.
    this.#buckets.delete(key);
    if (this.#buckets.size >= MAX_KEPT) {
      this.#buckets.delete(this.#buckets.keys().next().value!);
      this.#onForgotten();
    }
    this.#buckets.set(key, bucket);
    return bucket.take(rate, now);
  }
}
