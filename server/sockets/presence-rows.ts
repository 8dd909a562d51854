import type { AgentPresence, PresenceCounts, PresenceDisplay } from '../../shared/presence.ts';
import { emptyCounts, nextPresenceChange } from '../../shared/presence.ts';
import type { Clock } from '../clock.ts';
import type { AgentRecord, PresenceChanges } from '../engine/engine.ts';
import { agentPresence } from '../presence.ts';
import { DueQueue } from './due-queue.ts';
import { inPieces } from './pieces.ts';

interface Row {
  record: AgentRecord;
  /** As it is shown; replaced, never changed. */
  shown: AgentPresence;
}

export interface PresenceRowsOptions {
  clock: Clock;
  /** Engine time. */
  now: () => number;
  display: PresenceDisplay;
  /** Rows have changed by time alone. */
  onDue: () => void;
}

/** What the dashboards of one account show: the agents, how many are in which state, and what is still to be told. */
export class PresenceRows {
  readonly counts: PresenceCounts = emptyCounts();
  readonly #options: PresenceRowsOptions;
  readonly #rows = new Map<string, Row>();
  /** Ids whose row is news; and of those that are gone. */
  readonly #changed = new Set<string>();
  readonly #removed = new Set<string>();
  readonly #dueToChange: DueQueue<Row>;

  constructor(options: PresenceRowsOptions) {
    this.#options = options;
    this.#dueToChange = new DueQueue({
      clock: options.clock,
      now: options.now,
      gapMs: 200,
      run: (due) => {
        for (const row of due) this.#put(row.record);
        if (this.hasNews) options.onDue();
      },
    });
  }

  get hasNews(): boolean {
    return this.#changed.size > 0 || this.#removed.size > 0;
  }

  /** Takes what the engine says has changed. */
  async apply({ agents, removed, reset }: PresenceChanges): Promise<void> {
    await inPieces(agents, (record) => this.#put(record));
    for (const id of removed) this.#remove(id);
    if (!reset) return;
    const live = new Set(agents.map(({ id }) => id));
    for (const id of [...this.#rows.keys()]) if (!live.has(id)) this.#remove(id);
  }

  /** What is news, at most so many rows of it; the rest stays news. */
  takeNews(limit: number): { agents: AgentPresence[]; removed: string[] } {
    const agents: AgentPresence[] = [];
    for (const id of this.#changed) {
      if (agents.length === limit) break;
      agents.push(this.#rows.get(id)!.shown);
      this.#changed.delete(id);
    }
    const removed = [...this.#removed];
    this.#removed.clear();
    return { agents, removed };
  }

  all(): AgentPresence[] {
    return Array.from(this.#rows.values(), ({ shown }) => shown);
  }

  has(id: string): boolean {
    return this.#rows.has(id);
  }

  /** What somebody misses who was shown these rows. */
  since(shown: AgentPresence[]): { agents: AgentPresence[]; removed: string[] } {
    const known = new Map(shown.map((row) => [row.id, row]));
    return {
      agents: this.all().filter((row) => known.get(row.id) !== row),
      removed: [...known.keys()].filter((id) => !this.#rows.has(id)),
    };
  }

  close(): void {
    this.#dueToChange.close();
    this.#rows.clear();
    this.#changed.clear();
    this.#removed.clear();
  }

  #put(record: AgentRecord): void {
    const { now, display } = this.#options;
    const time = now();
    const shown = agentPresence(record, time, display);
    const row = this.#rows.get(record.id);
    if (row === undefined) {
      this.#add({ record, shown }, time);
      return;
    }
    row.record = record;
    this.#schedule(row, time);
    if (isSame(row.shown, shown)) return;
    this.#count(row.shown, -1);
    row.shown = shown;
    this.#count(shown, 1);
    this.#changed.add(record.id);
  }

  #add(row: Row, now: number): void {
    const { id } = row.record;
    this.#rows.set(id, row);
    this.#count(row.shown, 1);
    this.#changed.add(id);
    this.#removed.delete(id);
    this.#schedule(row, now);
  }

  #remove(id: string): void {
    const row = this.#rows.get(id);
    if (row === undefined) return;
    this.#rows.delete(id);
    this.#dueToChange.delete(row);
    this.#count(row.shown, -1);
    this.#changed.delete(id);
    this.#removed.add(id);
  }

  #schedule(row: Row, now: number): void {
    const next = nextPresenceChange(row.record, now, this.#options.display);
    this.#dueToChange.set(row, next ?? Number.POSITIVE_INFINITY);
  }

  #count({ state }: AgentPresence, by: 1 | -1): void {
    if (state !== 'signed_out') this.counts[state] += by;
  }
}

function isSame(a: AgentPresence, b: AgentPresence): boolean {
  return (Object.keys(a) as (keyof AgentPresence)[]).every((field) => a[field] === b[field]);
}
