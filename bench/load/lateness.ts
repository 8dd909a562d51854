/** What a crowd was told of its deadlines, and how long after the moment that was due. All in ms of this machine's clock. */
export interface Told {
  lateMs: number[];
  firstAt: number;
  lastAt: number;
}

export class Lateness {
  readonly #leadMs: number;
  readonly #endsAt = new Map<number, number>();
  readonly #told = { warning: newTold(), ended: newTold() };

  constructor(leadMs: number) {
    this.#leadMs = leadMs;
  }

  hear(tab: number, event: string, message: Record<string, unknown>): void {
    const at = Date.now();
    if (event === 'session') this.#endsAt.set(tab, Number(message.endsAt));
    else if (event === 'warning') {
      // The deadline is what input and policy made it; the end may stand behind it where the warning came late.
      this.#note('warning', at, Number(message.deadlineAt) - this.#leadMs);
      this.#endsAt.set(tab, Number(message.endsAt));
    } else if (event === 'ended') this.#note('ended', at, this.#endsAt.get(tab) ?? Number.NaN);
  }

  count(event: 'warning' | 'ended'): number {
    return this.#told[event].lateMs.length;
  }

  of(event: 'warning' | 'ended'): Told {
    return this.#told[event];
  }

  #note(event: 'warning' | 'ended', at: number, dueAt: number): void {
    const told = this.#told[event];
    told.lateMs.push(at - dueAt);
    told.firstAt = Math.min(told.firstAt, at);
    told.lastAt = Math.max(told.lastAt, at);
  }
}

function newTold(): Told {
  return { lateMs: [], firstAt: Number.POSITIVE_INFINITY, lastAt: 0 };
}
