/** What is remembered of a `sid` for a moment. An end is remembered longer: it never lives again. */
export type Remembered = { alive: true } | { alive: false; reason: string };

/** Bounded, oldest out first; times in ms of `now`. */
export class LiveCache {
  readonly #entries = new Map<string, { what: Remembered; agent: string; until: number }>();
  readonly #limit: number;
  readonly #now: () => number;

  constructor(limit: number, now: () => number) {
    this.#limit = limit;
    this.#now = now;
  }

  get(key: string): Remembered | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.until > this.#now()) return entry?.what;
    this.#entries.delete(key);
    return undefined;
  }

  /** `agent`: the key of whose login it is. */
  set(key: string, agent: string, what: Remembered, forMs: number): void {
    if (forMs <= 0) return;
    this.#entries.delete(key);
    this.#entries.set(key, { what, agent, until: this.#now() + forMs });
    if (this.#entries.size <= this.#limit) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  /** Every login of this agent that was found alive is asked about anew. */
  forget(agent: string): void {
    for (const [key, entry] of this.#entries)
      if (entry.agent === agent && entry.what.alive) this.#entries.delete(key);
  }
}

/** An account's sid, or agent, as one key; a tab cannot stand in an id. */
export function cacheKey(account: string, id: string): string {
  return `${account}\t${id}`;
}
