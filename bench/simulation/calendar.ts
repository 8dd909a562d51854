/** Whose turn it is when, by ticks; at most one turn is outstanding for each. */
export class Calendar {
  readonly #turns = new Map<number, number[]>();
  readonly #tickSeconds: number;

  constructor(tickSeconds: number) {
    this.#tickSeconds = tickSeconds;
  }

  /** In the tick that begins at or after that second, never in the one under way. */
  plan(who: number, second: number, current: number): void {
    const tick = Math.max(Math.ceil(second / this.#tickSeconds), current / this.#tickSeconds + 1);
    const turns = this.#turns.get(tick);
    if (turns === undefined) this.#turns.set(tick, [who]);
    else turns.push(who);
  }

  take(second: number): number[] {
    const tick = second / this.#tickSeconds;
    const turns = this.#turns.get(tick) ?? [];
    this.#turns.delete(tick);
    return turns;
  }
}
