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
/** After a failure without a word about the link. */
const RETRY_MS = 1_000;
const BATCH = 500;

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
 * tab. All of it goes together, 250 ms after the first; while the engine is away it is kept, bounded, and goes first
 * when it is back.
 */
export class Reports {
  readonly #options: ReportsOptions;
  /** Raised while they wait. */
  readonly #inputs = new Map<LoginRef, TouchReport>();
  readonly #tabs = new Map<string, TabChange>();
  #cancel: (() => void) | undefined;
  #draining: Promise<boolean> | undefined;
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
    if (atOnce) void this.flush();
    else this.#arm(FLUSH_MS);
  }

  /** A tab that was shown, hidden or closed. */
  tab(change: TabChange): void {
    this.#keep(this.#tabs, change.tab, change);
    this.#arm(FLUSH_MS);
  }

  /** Sends all that waits; false where the engine could not take it, or is known to be away. Never rejects. */
  flush(): Promise<boolean> {
    if (!this.#linked) return Promise.resolve(false);
    this.#disarm();
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = undefined;
    });
    return this.#draining;
  }

  /** The engine is away: nothing is tried until it is back. */
  linkLost(): void {
    this.#linked = false;
    this.#disarm();
  }

  linkBack(): Promise<boolean> {
    this.#linked = true;
    return this.flush();
  }

  close(): void {
    this.#closed = true;
    this.#disarm();
  }

  async #drain(): Promise<boolean> {
    while (this.size > 0) {
      // Called one after the other, so the engine knows who is visible before it hears of the input.
      const { engine } = this.#options;
      const tabs = this.#send(
        take(this.#tabs),
        (batch) => this.#sendTabs(batch),
        (_tab, change) => this.#putTabBack(change),
      );
      const inputs = this.#send(
        take(this.#inputs),
        (batch) => engine.touch(batch),
        (login, { at }) => this.#keepInput(login, at),
      );
      const sent = await Promise.all([tabs, inputs]);
      if (!sent.every(Boolean)) {
        this.#arm(RETRY_MS);
        return false;
      }
    }
    return true;
  }

  async #sendTabs(batch: TabChange[]): Promise<void> {
    await this.#options.engine.updateTabs(batch);
    for (const account of new Set(batch.map(({ account }) => account))) this.#options.onTabs(account);
  }

  async #send<K, T>(
    { keys, reports }: Batch<K, T>,
    send: (reports: T[]) => Promise<void>,
    putBack: (key: K, report: T) => void,
  ): Promise<boolean> {
    if (reports.length === 0) return true;
    try {
      await send(reports);
      return true;
    } catch (error) {
      if (error instanceof EngineUnavailable) {
        for (const [i, report] of reports.entries()) putBack(keys[i]!, report);
        return false;
      }
      // Sent again it would fail again, and hold up everything behind it.
      this.#options.log.error({ err: error, reports: reports.length }, 'the engine failed on reports');
      return true;
    }
  }

  #keepInput(login: LoginRef, at: number): void {
    const known = this.#inputs.get(login);
    if (known === undefined) {
      const { account, agent, sid } = login;
      this.#keep(this.#inputs, login, { account, agent, sid, at });
    } else if (known.at < at) known.at = at;
  }

  #putTabBack(change: TabChange): void {
    // What came in meanwhile is newer.
    if (!this.#tabs.has(change.tab)) this.#keep(this.#tabs, change.tab, change);
  }

  #keep<K, T>(waiting: Map<K, T>, key: K, report: T): void {
    if (waiting.size >= this.#options.keep && !waiting.has(key)) {
      waiting.delete(waiting.keys().next().value!);
      this.#options.counts.dropped('report');
    }
    waiting.set(key, report);
  }

  #arm(delayMs: number): void {
    if (this.#closed || !this.#linked || this.#cancel !== undefined) return;
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

interface Batch<K, T> {
  keys: K[];
  reports: T[];
}

function take<K, T>(waiting: Map<K, T>): Batch<K, T> {
  const batch: Batch<K, T> = { keys: [], reports: [] };
  for (const [key, report] of waiting) {
    waiting.delete(key);
    batch.keys.push(key);
    if (batch.reports.push(report) === BATCH) break;
  }
  return batch;
}
