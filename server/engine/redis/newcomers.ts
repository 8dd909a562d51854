import { EngineUnavailable } from '../engine.ts';

/** As many as Redis answers in about a second. */
export const MAX_ASKING = 20_000;

/**
 * Bounds what anybody may ask of Redis before this node knows them: logins, and the public call of the login page. In a
 * herd the rest is told to come again, so that sweeps and input, which are bounded by themselves, are not held up.
 */
export class Newcomers {
  readonly #most: number;
  readonly #onRefused: () => void;
  #asking = 0;

  constructor(most: number, onRefused: () => void) {
    this.#most = most;
    this.#onRefused = onRefused;
  }

  async ask<T>(question: () => Promise<T>): Promise<T> {
    if (this.#asking >= this.#most) {
      this.#onRefused();
      throw new EngineUnavailable('too many ask at the same time');
    }
    this.#asking += 1;
    try {
      return await question();
    } finally {
      this.#asking -= 1;
    }
  }
}
