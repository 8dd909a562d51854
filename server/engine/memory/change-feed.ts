import { randomUUID } from 'node:crypto';
import type { Agent } from './agent.ts';
import { SortedTree } from './sorted-tree.ts';

/** How long an account counts as watched after somebody asked for its changes. */
const WATCHED_MS = 5_000;

/** Which agents of an account changed since when; kept only while somebody asks. */
export class ChangeFeed {
  #generation = randomUUID() as string;
  #seq = 0;
  #watchedUntil = Number.NEGATIVE_INFINITY;
  readonly #changed = new SortedTree<number, Agent>();
  readonly #seqOf = new Map<Agent, number>();

  mark(agent: Agent, now: number): void {
    if (this.#watchedUntil === Number.NEGATIVE_INFINITY) return;
    if (!this.#isWatched(now)) {
      this.reset();
      return;
    }
    const before = this.#seqOf.get(agent);
    if (before !== undefined) this.#changed.delete(before);
    this.#seq += 1;
    this.#changed.set(this.#seq, agent);
    this.#seqOf.set(agent, this.#seq);
  }

  /** Whether somebody asked lately. Further ahead than that, the clock was set back since. */
  #isWatched(now: number): boolean {
    const left = this.#watchedUntil - now;
    return left >= 0 && left <= WATCHED_MS;
  }

  /** Forgets all: whoever asks next gets everybody. */
  reset(): void {
    this.#generation = randomUUID();
    this.#watchedUntil = Number.NEGATIVE_INFINITY;
    this.#changed.clear();
    this.#seqOf.clear();
  }

  /** Agents that changed since the cursor; null where that is not known. Keeps the account watched. */
  since(cursor: string | null, now: number): { cursor: string; agents: Agent[] | null } {
    if (!this.#isWatched(now)) this.reset();
    this.#watchedUntil = now + WATCHED_MS;
    const [generation, seq] = (cursor ?? '').split(':');
    const known = generation === this.#generation && seq !== undefined;
    const agents = known ? [...this.#changed.values(Number(seq) + 1)] : null;
    return { cursor: `${this.#generation}:${this.#seq}`, agents };
  }
}
