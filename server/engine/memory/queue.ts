import { SortedTree } from './sorted-tree.ts';

type Entry = [score: number, member: string];

function compare(a: Entry, b: Entry): number {
  return a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0);
}

/** Members ordered by score, then by name: a sorted set, as Redis has it. O(log n) each. */
export class ScoredQueue {
  readonly #scores = new Map<string, number>();
  readonly #ordered = new SortedTree<Entry, undefined>(undefined, compare);

  get size(): number {
    return this.#scores.size;
  }

  has(member: string): boolean {
    return this.#scores.has(member);
  }

  scoreOf(member: string): number | undefined {
    return this.#scores.get(member);
  }

  set(member: string, score: number): void {
    this.delete(member);
    this.#scores.set(member, score);
    this.#ordered.set([score, member], undefined);
  }

  delete(member: string): void {
    const score = this.#scores.get(member);
    if (score === undefined) return;
    this.#scores.delete(member);
    this.#ordered.delete([score, member]);
  }

  head(): { member: string; score: number } | undefined {
    const entry = this.#ordered.minKey();
    return entry && { member: entry[1], score: entry[0] };
  }

  /** Score of the head; Infinity where it is empty. */
  headScore(): number {
    return this.#ordered.minKey()?.[0] ?? Number.POSITIVE_INFINITY;
  }

  /** Members with a score of at most `max`, lowest first. */
  upTo(max: number): string[] {
    const found: string[] = [];
    for (const [score, member] of this.#ordered.keys()) {
      if (score > max) break;
      found.push(member);
    }
    return found;
  }

  /** Members with a score above `min`, highest first. */
  above(min: number): string[] {
    const found: string[] = [];
    for (const [[score, member]] of this.#ordered.entriesReversed()) {
      if (score <= min) break;
      found.push(member);
    }
    return found;
  }

  members(): string[] {
    return [...this.#scores.keys()];
  }

  /** Gives every member the same score: all of them are looked at again. */
  rescoreAll(score: number): void {
    for (const member of this.members()) this.set(member, score);
  }
}
