import { mkdirSync } from 'node:fs';
import { type Database, open } from 'lmdb';
import type { VigilEvent } from '../../../../shared/events.ts';
import { type Clock, systemClock } from '../../../clock.ts';
import { AUDIT_LENGTH, type Shelf } from '../../shelves.ts';
import { claimOwnership } from './owner.ts';
import type { EventRange, Store, Table, Write } from './store.ts';

const TABLES: readonly Table[] = ['meta', 'accounts', 'agents', 'ended', 'dead', 'events'];
/** Greater than any event id, which is digits, dashes and hex. */
const AFTER_ALL = '~';

/** A shelf may be longer than it is to be by so much: looking how long it is takes a while. */
const TRIM_EVERY = 1_000;

/** Opens (or creates) the store in a directory; rejects with DataDirInUse while another process has it. */
export async function openLmdbStore(
  dir: string,
  clock: Clock = systemClock,
  keptEvents = AUDIT_LENGTH,
): Promise<Store> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const root = open<unknown, string[]>({ path: dir, maxDbs: TABLES.length + 1 });
  const owners = root.openDB<unknown, string[]>('owner', {}) as Database;
  const ownership = await claimOwnership(owners, dir, clock).catch(async (error: unknown) => {
    await root.close();
    throw error;
  });
  const tables = new Map(TABLES.map((table) => [table, root.openDB<object, string[]>(table, {})] as const));
  const table = (name: Table) => tables.get(name)!;
  /** How much each shelf has grown since it was last trimmed; a process that begins looks at once. */
  const growth = new Map<string, number>();

  /** Inside a transaction: an event was put on this shelf. Its oldest go now and then, so that it does not grow for ever. */
  function grown([account, shelf]: string[]): void {
    const name = `${shelf}\n${account}`;
    const count = (growth.get(name) ?? TRIM_EVERY - 1) + 1;
    growth.set(name, count % TRIM_EVERY);
    if (count < TRIM_EVERY) return;
    const range = { start: [account!, shelf!, AFTER_ALL], end: [account!, shelf!, ''], reverse: true };
    const old = [...table('events').getKeys({ ...range, offset: keptEvents })];
    for (const key of old) table('events').remove(key);
  }

  return {
    load: <T>(name: Table) => table(name).getRange() as Iterable<{ key: string[]; value: T }>,

    *events(account: string, shelf: Shelf, { after, before, newestFirst }: EventRange) {
      const low = [account, shelf, after ?? ''];
      const high = [account, shelf, before ?? AFTER_ALL];
      const range = newestFirst ? { start: high, end: low, reverse: true } : { start: low, end: high };
      for (const { key, value } of table('events').getRange(range)) {
        if (key[2] !== after && key[2] !== before) yield value as VigilEvent;
      }
    },

    async commit(writes: Write[]) {
      const kept = await root.transaction(() => {
        if (!ownership.mine()) return false;
        for (const { table: name, key, value } of writes) {
          if (value === null) table(name).remove(key);
          else table(name).put(key, value);
          if (name === 'events' && value !== null) grown(key);
        }
        return true;
      });
      if (kept !== true) throw new Error(`another process took over ${dir}`);
    },

    async close() {
      await ownership.release();
      await root.close();
    },
  };
}
