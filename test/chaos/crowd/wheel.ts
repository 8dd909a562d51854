const TICK_MS = 25;

/** One timer for everybody: thousands of tabs and agents wait here. */
export class Wheel {
  readonly #slots = new Map<number, (() => void)[]>();
  readonly #timer: NodeJS.Timeout;
  #tick = 0;
  readonly #startedAt = performance.now();

  constructor() {
    this.#timer = setInterval(() => this.#turn(), TICK_MS);
  }

  /** Calls back after so long, to within a tick. What is due is asked nothing: it looks for itself whether it still matters. */
  after(ms: number, run: () => void): void {
    const at = Math.max(this.#tick + 1, Math.ceil((performance.now() - this.#startedAt + ms) / TICK_MS));
    const slot = this.#slots.get(at);
    if (slot === undefined) this.#slots.set(at, [run]);
    else slot.push(run);
  }

  #turn(): void {
    const now = Math.floor((performance.now() - this.#startedAt) / TICK_MS);
    while (this.#tick < now) {
      this.#tick += 1;
      const due = this.#slots.get(this.#tick);
      this.#slots.delete(this.#tick);
      for (const run of due ?? []) run();
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#slots.clear();
  }
}
