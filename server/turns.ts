import type { Clock } from './clock.ts';

/** How much of one turn of the event loop is taken: what follows from a push (writing, disconnecting) takes as much again. */
const SLICE_MS = 4;
/** What can wait does so until nothing has had to for so long; and then, and after so long in any case, it has its turn. */
const REST_MS = 250;
const MOST_MS = 2_000;

/**
 * Does things in their order: at once while this turn of the event loop has time for it, else in the next. Ten thousand
 * pushes in the same second then hold up nobody's input. One that fails is reported, and hinders no other.
 */
export class Turns {
  readonly #clock: Clock;
  readonly #onFailure: (error: unknown) => void;
  #waiting: (() => void)[] = [];
  /** What can wait, and since when it does. */
  #last: (() => void)[] = [];
  #lastSince = 0;
  #usedMs = 0;
  #isArmed = false;
  /** When something that cannot wait had to. */
  #busyAt = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, onFailure: (error: unknown) => void) {
    this.#clock = clock;
    this.#onFailure = onFailure;
  }

  run(task: () => void): void {
    this.#arm();
    if (this.#waiting.length === 0 && this.#usedMs < SLICE_MS) {
      this.#timed(task);
      return;
    }
    this.#waiting.push(task);
    this.#busyAt = this.#clock.monotonic();
  }

  /** Does what can wait: at once where nothing else has had to, which it answers; else a moment after that. */
  runLast(task: () => void): boolean {
    this.#arm();
    const isNext = this.#waiting.length + this.#last.length === 0 && this.#usedMs < SLICE_MS;
    if (isNext && this.#restMs() <= 0) {
      this.#timed(task);
      return true;
    }
    if (this.#last.length === 0) this.#lastSince = this.#clock.monotonic();
    this.#last.push(task);
    return false;
  }

  /** What waits is not done any more; what could wait, now. */
  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#waiting = [];
    this.#work(this.#last, Number.POSITIVE_INFINITY);
  }

  /** Resolves once nothing waits that cannot. */
  async done(): Promise<void> {
    while (this.#waiting.length > 0) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  #restMs(): number {
    return this.#busyAt + REST_MS - this.#clock.monotonic();
  }

  #timed(task: () => void): void {
    const start = this.#clock.monotonic();
    const usedMs = this.#usedMs;
    try {
      task();
    } catch (error) {
      this.#onFailure(error);
    }
    this.#usedMs = usedMs + this.#clock.monotonic() - start;
  }

  #arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#isArmed = false;
    this.#usedMs = 0;
    const now = this.#clock.monotonic();
    const isOverdue = this.#last.length > 0 && now - this.#lastSince >= MOST_MS;
    if (isOverdue) this.#work(this.#last, SLICE_MS / 2);
    this.#work(this.#waiting, SLICE_MS);
    if (this.#waiting.length > 0) this.#busyAt = now;
    const restMs = this.#restMs();
    if (restMs <= 0) this.#work(this.#last, SLICE_MS);
    if (this.#waiting.length > 0 || (this.#last.length > 0 && (isOverdue || restMs <= 0))) this.#arm();
    else if (this.#last.length > 0) this.#armAfter(restMs);
  }

  #armAfter(delayMs: number): void {
    this.#cancel ??= this.#clock.after(delayMs, () => {
      this.#cancel = undefined;
      this.#arm();
    });
  }

  #work(tasks: (() => void)[], untilMs: number): void {
    let done = 0;
    while (done < tasks.length && this.#usedMs < untilMs) {
      done += 1;
      this.#timed(tasks[done - 1]!);
    }
    tasks.splice(0, done);
  }
}
