import type { Clock } from './clock.ts';

/** How much of one turn of the event loop is taken: what follows from a push (writing, disconnecting) takes as much again. */
const SLICE_MS = 4;
/** What can wait does so until for so long nothing had to wait. */
const REST_MS = 250;

/**
 * Does things in their order: at once while this turn of the event loop has time for it, else in the next. Ten thousand
 * pushes in the same second then hold up nobody's input. One that fails is reported, and hinders no other.
 */
export class Turns {
  readonly #clock: Clock;
  readonly #onFailure: (error: unknown) => void;
  #waiting: (() => void)[] = [];
  #last: (() => void)[] = [];
  #usedMs = 0;
  #isArmed = false;
  /** When something had to wait last. */
  #busyAt = Number.NEGATIVE_INFINITY;

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

  /** Does what can wait: at once where nothing else has had to, else a moment after that. */
  runLast(task: () => void): void {
    this.#arm();
    if (this.#last.length === 0 && this.#usedMs < SLICE_MS && this.#restMs() <= 0) this.#timed(task);
    else this.#last.push(task);
  }

  #restMs(): number {
    return this.#busyAt + REST_MS - this.#clock.monotonic();
  }

  /** What waits is not done any more. */
  close(): void {
    this.#waiting = [];
    this.#last = [];
  }

  /** Resolves once nothing waits. */
  async done(): Promise<void> {
    while (this.#waiting.length + this.#last.length > 0)
      await new Promise<void>((resolve) => setImmediate(resolve));
  }

  #timed(task: () => void): void {
    const start = this.#clock.monotonic();
    try {
      task();
    } catch (error) {
      this.#onFailure(error);
    }
    this.#usedMs += this.#clock.monotonic() - start;
  }

  #arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#isArmed = false;
    this.#usedMs = 0;
    this.#work(this.#waiting);
    const restMs = this.#restMs();
    if (restMs <= 0) this.#work(this.#last);
    if (this.#waiting.length > 0 || (this.#last.length > 0 && restMs <= 0)) this.#arm();
    else if (this.#last.length > 0) this.#clock.after(restMs, () => this.#arm());
  }

  #work(tasks: (() => void)[]): void {
    let done = 0;
    while (done < tasks.length && this.#usedMs < SLICE_MS) {
      done += 1;
      this.#timed(tasks[done - 1]!);
    }
    tasks.splice(0, done);
  }
}
