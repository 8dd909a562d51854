import type { Clock } from '../clock.ts';

/** The longest sleep: a stepped clock is noticed within it, and no timer is ever armed for a whole session. */
const MAX_SLEEP_MS = 1_000;
/** How many items one run hands over; the rest follows after the loop has breathed. */
const BATCH = 500;

export interface DueQueueOptions<T> {
  clock: Clock;
  /** The time by which items are judged. */
  now: () => number;
  /** From one run to the next, so that what is due in quick succession comes in batches: so much later at most. */
  gapMs?: number;
  /** Takes what is due. May put items back in. */
  run: (due: T[]) => void;
}

/**
 * Things with a moment each, and one timer for all of them: a binary heap, with the place of every item kept so that
 * moving or removing one costs O(log n) and leaves nothing behind.
 */
export class DueQueue<T> {
  readonly #options: DueQueueOptions<T>;
  /** The heap, and at the same places when they are due: two arrays, not an object for each. */
  readonly #items: T[] = [];
  readonly #moments: number[] = [];
  readonly #places = new Map<T, number>();
  #cancel: (() => void) | undefined;
  #wakesAt = Number.POSITIVE_INFINITY;
  /** By the monotonic clock: until then nothing is handed over, since something just was. */
  #restsUntil = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(options: DueQueueOptions<T>) {
    this.#options = options;
  }

  get size(): number {
    return this.#items.length;
  }

  /** Puts an item in, or moves it; with an infinite moment it leaves. */
  set(item: T, at: number): void {
    if (this.#closed) return;
    if (at === Number.POSITIVE_INFINITY) {
      this.delete(item);
      return;
    }
    const place = this.#places.get(item) ?? this.#items.length;
    this.#put(place, item, at);
    this.#sift(place);
    this.#arm();
  }

  /** Like `set`, but never later than it stands. */
  hasten(item: T, at: number): void {
    const place = this.#places.get(item);
    if (place === undefined || this.#moments[place]! > at) this.set(item, at);
  }

  delete(item: T): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    this.#places.delete(item);
    const last = this.#items.pop()!;
    const at = this.#moments.pop()!;
    if (place === this.#items.length) return;
    this.#put(place, last, at);
    this.#sift(place);
  }

  /** Forgets everything; nothing runs any more. */
  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.#items.length = 0;
    this.#moments.length = 0;
    this.#places.clear();
  }

  #arm(): void {
    const head = this.#moments[0];
    if (head === undefined || this.#closed) return;
    const { clock, now } = this.#options;
    const rest = this.#restsUntil - clock.monotonic();
    const delay = Math.min(MAX_SLEEP_MS, Math.max(0, Math.ceil(head - now()), rest));
    const wakesAt = clock.monotonic() + delay;
    if (wakesAt >= this.#wakesAt) return;
    this.#cancel?.();
    this.#wakesAt = wakesAt;
    this.#cancel = clock.after(delay, () => this.#wake());
  }

  #wake(): void {
    this.#wakesAt = Number.POSITIVE_INFINITY;
    const due = this.#takeDue();
    const { clock, gapMs = 0 } = this.#options;
    // A full batch has left some behind, who have waited long enough.
    if (due.length > 0 && due.length < BATCH) this.#restsUntil = clock.monotonic() + gapMs;
    if (due.length > 0) this.#options.run(due);
    this.#arm();
  }

  #takeDue(): T[] {
    const now = this.#options.now();
    const due: T[] = [];
    while (due.length < BATCH && this.#items.length > 0 && this.#moments[0]! <= now) {
      const item = this.#items[0]!;
      due.push(item);
      this.delete(item);
    }
    return due;
  }

  #sift(start: number): void {
    let place = start;
    while (place > 0 && this.#isBefore(place, (place - 1) >> 1)) place = this.#swap(place, (place - 1) >> 1);
    for (;;) {
      const left = 2 * place + 1;
      const child = this.#isBefore(left + 1, left) ? left + 1 : left;
      if (!this.#isBefore(child, place)) return;
      place = this.#swap(place, child);
    }
  }

  #isBefore(a: number, b: number): boolean {
    return a < this.#moments.length && this.#moments[a]! < this.#moments[b]!;
  }

  #swap(from: number, to: number): number {
    const [item, at] = [this.#items[from]!, this.#moments[from]!];
    this.#put(from, this.#items[to]!, this.#moments[to]!);
    this.#put(to, item, at);
    return to;
  }

  #put(place: number, item: T, at: number): void {
    this.#items[place] = item;
    this.#moments[place] = at;
    this.#places.set(item, place);
  }
}
