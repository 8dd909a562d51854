import type { Clock } from '../clock.ts';
import {
  type Engine,
  EngineUnavailable,
  type LoginRef,
  type TabChange,
  type TouchReport,
} from '../engine/engine.ts';
import type { SocketCounts, SocketLog } from './counts.ts';

/** How long a report waits for others to go with it. */
export const FLUSH_MS = 250;
/** After a failure, and while a part of the engine is known to be away. */
const RETRY_MS = 1_000;

export interface ReportsOptions {
  engine: Pick<Engine, 'touch' | 'updateTabs'>;
  clock: Clock;
  /** Bound of each of the two kinds. */
  keep: number;
  /** The engine has taken changes of tabs of this account. */
  onTabs: (account: string) => void;
  counts: SocketCounts;
  log: SocketLog;
}

/**
 * What tabs reported and the engine has not heard yet: the newest input per agent and login, the newest visibility per
 * tab. All of it goes together, 250 ms after the first. What a part of the engine that is away could not take is kept,
 * bounded, and tried again; it holds up no input for the others, whose agents would be taken for gone.
 */
export class Reports {
  readonly #options: ReportsOptions;
  /** Raised while they wait. */
  #inputs = new Map<LoginRef, TouchReport>();
  #tabs = new Map<string, TabChange>();
  #cancel: (() => void) | undefined;
  #armedMs = 0;
  /** One after the other, so that the newest is the last. */
  #tellingTabs: Promise<boolean> | undefined;
  /** Calls with input that have not been answered, and whether more of it cannot wait. */
  #underWay = 0;
  #isPressing = false;
  #linked = true;
  #closed = false;

  constructor(options: ReportsOptions) {
    this.#options = options;
  }

  /** How many wait. */
  get size(): number {
    return this.#inputs.size + this.#tabs.size;
  }

  /** Input, dated in engine time. `login`: the same object each time. `atOnce`: what waits goes now. */
  input(login: LoginRef, at: number, { atOnce }: { atOnce: boolean }): void {
    this.#keepInput(login, at);
    if (!atOnce) this.#armSoon();
    else if (this.#linked && this.#underWay === 0) void this.flush();
    else {
      // With all else that comes until those under way have been answered: not a call for each key that somebody presses.
      this.#isPressing = true;
      this.#arm(FLUSH_MS);
    }
  }

  /** A tab that was shown, hidden or closed. */
  tab(change: TabChange): void {
    this.#keep(this.#tabs, change.tab, change);
    this.#armSoon();
  }

  /** Sends all that waits; false where the engine could not take all of it. Never rejects. */
  async flush(): Promise<boolean> {
    this.#disarm();
    // Called one after the other, so the engine knows who is visible before it hears of the input.
    this.#tellingTabs ??= this.#tellTabs().finally(() => {
      this.#tellingTabs = undefined;
    });
    const told = await Promise.all([this.#tellingTabs, this.#tellInputs()]);
    const all = told.every(Boolean);
    if (!all) this.#arm(RETRY_MS);
    return all;
  }

  /** A part of the engine is away: what is kept is tried less often. */
  linkLost(): void {
    this.#linked = false;
  }

  linkBack(): Promise<boolean> {
    this.#linked = true;
    return this.flush();
  }

  close(): void {
    this.#closed = true;
    this.#disarm();
  }

  async #tellTabs(): Promise<boolean> {
    const { engine, onTabs } = this.#options;
    while (this.#tabs.size > 0) {
      const waiting = this.#tabs;
      this.#tabs = new Map();
      const changes = [...waiting.values()];
      const left = await this.#send(changes, () => engine.updateTabs(changes));
      for (const account of new Set(changes.flatMap((change) => (left.has(change) ? [] : change.account))))
        onTabs(account);
      for (const [tab, change] of waiting) {
        // What came in meanwhile is newer.
        if (left.has(change) && !this.#tabs.has(tab)) this.#keep(this.#tabs, tab, change);
      }
      if (left.size > 0) return false;
    }
    return true;
  }

  /** Also while others are under way: they may be so for as long as a server is waited for that does not answer. */
  async #tellInputs(): Promise<boolean> {
    const waiting = this.#inputs;
    this.#inputs = new Map();
    const reports = [...waiting.values()];
    this.#isPressing = false;
    this.#underWay += 1;
    const left = await this.#send(reports, () => this.#options.engine.touch(reports));
    this.#underWay -= 1;
    if (this.#isPressing && this.#linked && this.#underWay === 0) void this.flush();
    for (const [login, report] of waiting) if (left.has(report)) this.#keepInput(login, report.at);
    return left.size === 0;
  }

  /** Answers what the engine could not take. */
  async #send(reports: unknown[], send: () => Promise<void>): Promise<ReadonlySet<unknown>> {
    if (reports.length === 0) return NOTHING;
    try {
      await send();
      return NOTHING;
    } catch (error) {
      if (error instanceof EngineUnavailable) return error.left ?? new Set(reports);
      // Sent again it would fail again, and hold up everything behind it.
      this.#options.log.error({ err: error, reports: reports.length }, 'the engine failed on reports');
      return NOTHING;
    }
  }

  #keepInput(login: LoginRef, at: number): void {
    const known = this.#inputs.get(login);
    if (known === undefined) {
      const { account, agent, sid } = login;
      this.#keep(this.#inputs, login, { account, agent, sid, at });
    } else if (known.at < at) known.at = at;
  }

  #keep<K, T>(waiting: Map<K, T>, key: K, report: T): void {
    if (waiting.size >= this.#options.keep && !waiting.has(key)) {
      waiting.delete(waiting.keys().next().value!);
      this.#options.counts.dropped('report');
    }
    waiting.set(key, report);
  }

  #armSoon(): void {
    this.#arm(this.#linked ? FLUSH_MS : RETRY_MS);
  }

  #arm(delayMs: number): void {
    if (this.#closed) return;
    if (this.#cancel !== undefined) {
      if (this.#armedMs <= delayMs) return;
      this.#cancel();
    }
    this.#armedMs = delayMs;
    this.#cancel = this.#options.clock.after(delayMs, () => {
      this.#cancel = undefined;
      void this.flush();
    });
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}

const NOTHING: ReadonlySet<unknown> = new Set();
