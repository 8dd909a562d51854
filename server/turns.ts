import type { Clock } from './clock.ts';

/** How much of one turn of the event loop is taken: what follows from a push (writing, disconnecting) takes as much again. */
const SLICE_MS = 8;

/**
 * Does things in their order: at once while this turn of the event loop has time for it, else in the next. Ten thousand
 * pushes in the same second then hold up nobody's input. One that fails is reported, and hinders no other.
 */
export class Turns {
  readonly #clock: Clock;
  readonly #onFailure: (error: unknown) => void;
  #waiting: (() => void)[] = [];
  #usedMs = 0;
  #isArmed = false;

  constructor(clock: Clock, onFailure: (error: unknown) => void) {
    this.#clock = clock;
    this.#onFailure = onFailure;
  }

  run(task: () => void): void {
    this.#arm();
    if (this.#waiting.length > 0 || this.#usedMs >= SLICE_MS) this.#waiting.push(task);
    else this.#timed(task);
  }

  /** What waits is not done any more. */
  close(): void {
    this.#waiting = [];
  }

  /** Resolves once nothing waits. */
  async done(): Promise<void> {
    while (this.#waiting.length > 0) await new Promise<void>((resolve) => setImmediate(resolve));
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
    let done = 0;
    while (done < this.#waiting.length && this.#usedMs < SLICE_MS) {
      done += 1;
      this.#timed(this.#waiting[done - 1]!);
    }
    this.#waiting.splice(0, done);
    if (this.#waiting.length > 0) this.#arm();
  }
}
