/** How long anything is held at most. */
const MOST_MS = 100;

/** Something whose packets wait, so that several go out together. */
export interface Holding {
  release(): void;
}

/**
 * Those whose packets wait at the moment. Usually they are released one by one as soon as there is what they wait for;
 * where that takes longer, all of them are. In real time: nothing but the network is waiting.
 */
export class Held {
  readonly #waiting = new Set<Holding>();
  #timer: NodeJS.Timeout | undefined;

  add(holding: Holding): void {
    this.#waiting.add(holding);
    this.#timer ??= setTimeout(() => this.#releaseAll(), MOST_MS);
  }

  /** Whether it was among them. */
  delete(holding: Holding): boolean {
    return this.#waiting.delete(holding);
  }

  #releaseAll(): void {
    this.#timer = undefined;
    for (const holding of [...this.#waiting]) holding.release();
  }
}
