import type { VigilEvent } from '../../../../shared/events.ts';
import { type Shelf, shelfOf } from '../../shelves.ts';

/** Where the memory engine keeps what must survive a restart. Keys are tuples of ids; values plain objects. */
export interface Store {
  /** Everything in a table, for loading at start. */
  load<T>(table: Exclude<Table, 'events'>): Iterable<{ key: string[]; value: T }>;
  /** Entries of one account's shelf, `after` and `before` exclusive, oldest first unless `newestFirst`. */
  events(account: string, shelf: Shelf, range: EventRange): Iterable<VigilEvent>;
  /** One transaction: all or nothing. Commits happen in the order of the calls. Rejects where it cannot store. */
  commit(writes: Write[]): Promise<void>;
  close(): Promise<void>;
}

export type Table =
  | 'meta'
  | 'accounts'
  | 'agents'
  | 'ended'
  | 'dead'
  | 'recorded'
  | 'points'
  | 'trails'
  | 'events';

/** `value` null deletes. */
export interface Write {
  table: Table;
  key: string[];
  value: object | null;
}

export interface EventRange {
  after?: string | undefined;
  before?: string | undefined;
  newestFirst: boolean;
}

export function eventWrite(event: VigilEvent): Write {
  return { table: 'events', key: [event.account, shelfOf(event.type), event.id], value: event };
}
