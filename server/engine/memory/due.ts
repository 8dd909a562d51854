import type { Account } from './account.ts';
import { ScoredQueue } from './queue.ts';

/** Accounts by the next moment at which something of theirs is due. May be early (then it is looked at and corrected), never late. */
export class DueAccounts {
  readonly #queue = new ScoredQueue();
  readonly #accounts = new Map<string, Account>();
  readonly #listeners = new Set<(dueAt: number) => void>();
  #answered = Number.POSITIVE_INFINITY;

  track(account: Account): void {
    const dueAt = account.nextDueAt();
    if (dueAt === Number.POSITIVE_INFINITY) {
      this.#queue.delete(account.key);
      this.#accounts.delete(account.key);
      return;
    }
    this.#queue.set(account.key, dueAt);
    this.#accounts.set(account.key, account);
    if (dueAt >= this.#answered) return;
    this.#answered = dueAt;
    for (const listener of this.#listeners) listener(dueAt);
  }

  /** After a batch that left work: behind those who have waited longer. */
  postpone(account: Account, now: number): void {
    this.#queue.set(account.key, now);
  }

  at(now: number): Account[] {
    return this.#queue.upTo(now).map((key) => this.#accounts.get(key)!);
  }

  lookAtAll(): void {
    this.#queue.rescoreAll(Number.NEGATIVE_INFINITY);
  }

  /** What a sweep answers; who makes something due sooner than that says so. */
  answer(): number {
    this.#answered = this.#queue.headScore();
    return this.#answered;
  }

  onSooner(listener: (dueAt: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
