/** Something was sent to Redis and not answered in time; it may have been carried out. */
export class CommandTimeout extends Error {
  constructor() {
    super('Redis did not answer in time');
    this.name = 'CommandTimeout';
  }
}

/**
 * The calls on one server that wait for an answer. A server that answers none of them for so long hangs, and all are given
 * up; one that is merely busy answers some. One timer for all of them. (The client's own `socketTimeout` does not help: it
 * counts from the last write, so that a Redis that hangs while others keep writing to it would never be noticed.)
 */
export class CallsUnderWay {
  readonly #timeoutMs: number;
  readonly #onHang: () => void;
  readonly #waiting = new Set<(reason: CommandTimeout) => void>();
  /** Since when the server owes an answer: its last one, or the first call after a time without any. */
  #owedSince = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number, onHang: () => void) {
    this.#timeoutMs = timeoutMs;
    this.#onHang = onHang;
  }

  watch<T>(answer: Promise<T>): Promise<T> {
    if (this.#waiting.size === 0) this.#owedSince = performance.now();
    return new Promise<T>((resolve, reject) => {
      this.#waiting.add(reject);
      this.#timer ??= setTimeout(() => this.#look(), this.#timeoutMs);
      answer.then(
        (value) => {
          this.#answered(reject);
          resolve(value);
        },
        (error: unknown) => {
          this.#answered(reject);
          reject(error);
        },
      );
    });
  }

  #answered(call: (reason: CommandTimeout) => void): void {
    this.#waiting.delete(call);
    this.#owedSince = performance.now();
  }

  #look(): void {
    // Answers that came while this process was busy are read first.
    if (this.#overdue()) setImmediate(() => this.#judge());
    else this.#judge();
  }

  #judge(): void {
    this.#timer = undefined;
    if (this.#waiting.size === 0) return;
    if (!this.#overdue()) {
      const leftMs = this.#owedSince + this.#timeoutMs - performance.now();
      this.#timer = setTimeout(() => this.#look(), Math.max(1, leftMs));
      return;
    }
    for (const reject of this.#waiting) reject(new CommandTimeout());
    this.#waiting.clear();
    this.#onHang();
  }

  #overdue(): boolean {
    return this.#waiting.size > 0 && performance.now() - this.#owedSince >= this.#timeoutMs - 1;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
