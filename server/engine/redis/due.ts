/** What the sweep answered, and who is to be told of something that is due sooner. */
export class Due {
  readonly #listeners = new Set<(dueAt: number) => void>();
  /** Sweeps under way, each with the soonest moment heard of since it began. */
  readonly #followers = new Set<{ soonest: number }>();
  #answered = Number.POSITIVE_INFINITY;

  /** The next due moment, as far as it is known here. */
  get answered(): number {
    return this.#answered;
  }

  onSooner(listener: (dueAt: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A step made something due then. */
  heard(dueAt: number): void {
    for (const follower of this.#followers) follower.soonest = Math.min(follower.soonest, dueAt);
    if (dueAt >= this.#answered) return;
    this.#answered = dueAt;
    for (const listener of this.#listeners) listener(dueAt);
  }

  /** What a sweep answers, made whole: it may have passed an account before a step changed it. */
  async follow(sweep: () => Promise<number>): Promise<number> {
    const follower = { soonest: Number.POSITIVE_INFINITY };
    this.#followers.add(follower);
    try {
      const dueAt = await sweep();
      this.#answered = Math.min(dueAt, follower.soonest);
      return this.#answered;
    } finally {
      this.#followers.delete(follower);
    }
  }
}
