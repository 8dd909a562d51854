import { setImmediate } from 'node:timers/promises';
import type { VigilEvent } from '../../../shared/events.ts';
import type { EventQuery } from '../engine.ts';
import { eventIdFrom, momentOfEventId } from '../ids.ts';
import { type AuditRetention, SHELVES, type Shelf } from '../shelves.ts';
import type { Account } from './account.ts';
import { ScoredQueue } from './queue.ts';
import type { EventRange, Store, Write } from './store/store.ts';

/** Entries that are looked at before everything else has its turn: reading one means decoding it. */
const PIECE = 1_000;
/** Entries that one sweep forgets. */
const FORGET_BATCH = 500;
/** Greater than what follows a moment in an id. */
const AFTER_ALL = '~';

/** The audit log as it stands in the store: how it is read, and how it grows old. */
export class AuditLog {
  readonly #store: Store;
  readonly #maxAgeMs: number;
  /** Accounts by the moment of their oldest entry; may be early, never late. */
  readonly #oldest = new ScoredQueue();

  constructor(store: Store, { maxAgeMs }: AuditRetention) {
    this.#store = store;
    this.#maxAgeMs = maxAgeMs;
  }

  load(accounts: Iterable<Account>): void {
    for (const { id } of accounts) this.#lookAgain(id);
  }

  /** These may have an entry more than they had. */
  logged(accounts: Iterable<Account>): void {
    for (const { id, lastEvent } of accounts) if (!this.#oldest.has(id)) this.#oldest.set(id, lastEvent.ms);
  }

  /** One page, merged from the shelves in order. What is written meanwhile is left to the next reader. */
  async read(account: string, query: EventQuery, now: number): Promise<VigilEvent[]> {
    const newestFirst = query.after === undefined;
    const newest = this.#newestId(account);
    if (newest === undefined) return [];
    const floor = eventIdFrom(Math.floor(now) - this.#maxAgeMs + 1);
    const range = {
      after: query.after === undefined || query.after < floor ? floor : query.after,
      before: query.before ?? `${newest}${AFTER_ALL}`,
      newestFirst,
    };
    const found: VigilEvent[] = [];
    for (const shelf of SHELVES) found.push(...(await this.#take(account, shelf, range, query)));
    const sign = newestFirst ? -1 : 1;
    return found.sort((a, b) => (a.id < b.id ? -sign : sign)).slice(0, query.limit);
  }

  async #take(
    account: string,
    shelf: Shelf,
    range: EventRange,
    { limit, types, agent }: EventQuery,
  ): Promise<VigilEvent[]> {
    const found: VigilEvent[] = [];
    for (let rest = range; ; await setImmediate()) {
      let looked = 0;
      let last: string | undefined;
      for (const event of this.#store.events(account, shelf, rest)) {
        if (found.length >= limit) return found;
        looked += 1;
        last = event.id;
        const wanted =
          (types === undefined || types.includes(event.type)) &&
          (agent === undefined || ('agent' in event.data && event.data.agent === agent));
        if (wanted) found.push(event);
        if (looked === PIECE) break;
      }
      if (looked < PIECE) return found;
      rest = range.newestFirst ? { ...rest, before: last } : { ...rest, after: last };
    }
  }

  /** What is to be deleted because of its age: a bounded number of entries, of the accounts that have the oldest. */
  forgotten(now: number): Write[] {
    const writes: Write[] = [];
    const until = Math.floor(now) - this.#maxAgeMs;
    const floor = eventIdFrom(until + 1);
    while (this.#oldest.headScore() <= until && writes.length < FORGET_BATCH) {
      const { member: account } = this.#oldest.head()!;
      let left = Number.POSITIVE_INFINITY;
      for (const shelf of SHELVES) {
        for (const { id } of this.#store.events(account, shelf, { newestFirst: false })) {
          if (id > floor || writes.length === FORGET_BATCH) {
            left = Math.min(left, momentOfEventId(id));
            break;
          }
          writes.push({ table: 'events', key: [account, shelf, id], value: null });
        }
      }
      this.#rescore(account, left);
    }
    return writes;
  }

  #lookAgain(account: string): void {
    const firsts = SHELVES.map((shelf) => first(this.#store.events(account, shelf, { newestFirst: false })));
    this.#rescore(
      account,
      Math.min(
        ...firsts.map((event) =>
          event === undefined ? Number.POSITIVE_INFINITY : momentOfEventId(event.id),
        ),
      ),
    );
  }

  #rescore(account: string, oldestAt: number): void {
    if (oldestAt === Number.POSITIVE_INFINITY) this.#oldest.delete(account);
    else this.#oldest.set(account, oldestAt);
  }

  #newestId(account: string): string | undefined {
    return SHELVES.map((shelf) => first(this.#store.events(account, shelf, { newestFirst: true }))?.id)
      .filter((id) => id !== undefined)
      .sort()
      .at(-1);
  }
}

function first<T>(items: Iterable<T>): T | undefined {
  for (const item of items) return item;
  return undefined;
}
