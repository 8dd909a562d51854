import { type Database, open } from 'lmdb';
import type { VigilEvent } from '../../../../shared/events.ts';
import { type Clock, systemClock } from '../../../clock.ts';
import { makeFolder } from '../../make-folder.ts';
import { type Shelf, USUAL_RETENTION } from '../../shelves.ts';
import { claimOwnership } from './owner.ts';
import type { EventRange, Store, Table, Write } from './store.ts';

const TABLES: readonly Table[] = [
  'meta',
  'accounts',
  'agents',
  'ended',
  'dead',
  'recorded',
  'points',
  'trails',
  'events',
];
/** Greater than any event id, which is digits, dashes and hex. */
const AFTER_ALL = '~';

/** Raised when what is stored changes its form. */
const FORM = 1;
const FORM_KEY = ['form'];

/** What is stored was written by a version that stores it otherwise. */
class OtherForm extends Error {}

/** Opens (or creates) the store in a directory; rejects with DataDirInUse while another process has it. */
export async function openLmdbStore(
  dir: string,
  clock: Clock = systemClock,
  keptEvents = USUAL_RETENTION.maxEvents,
): Promise<Store> {
  makeFolder(dir);
  const root = open<unknown, string[]>({ path: dir, maxDbs: TABLES.length + 1 });
  const owners = root.openDB<unknown, string[]>('owner', {}) as Database;
  const ownership = await claimOwnership(owners, dir, clock)
    .then(async (claimed) => {
      // Data from before forms were written down have the first.
      const found: number = owners.get(FORM_KEY) ?? 1;
      if (found === FORM) await owners.put(FORM_KEY, FORM);
      else {
        await claimed.release();
        throw new OtherForm(`the data have form ${found}, and this version of Vigil knows form ${FORM}`);
      }
      return claimed;
    })
    .catch(async (error: unknown) => {
      await root.close();
      throw error;
    });
  const tables = new Map(TABLES.map((table) => [table, root.openDB<object, string[]>(table, {})] as const));
  const table = (name: Table) => tables.get(name)!;
  /** How many entries each shelf holds; counted when it is written to first, since that takes a while. */
  const lengths = new Map<string, number>();

  /** Inside a transaction: an event is put on its shelf, whose oldest make room, or is taken off it. */
  function shelve([account, shelf]: string[], put: boolean, act: () => void): void {
    const name = `${shelf}\n${account}`;
    const range = { start: [account!, shelf!, ''], end: [account!, shelf!, AFTER_ALL] };
    let length = lengths.get(name) ?? table('events').getKeysCount(range);
    act();
    length += put ? 1 : -1;
    if (length > keptEvents) {
      for (const key of [...table('events').getKeys({ ...range, limit: length - keptEvents })])
        table('events').remove(key);
      length = keptEvents;
    }
    lengths.set(name, length);
  }

  function write({ table: name, key, value }: Write): void {
    const act = () => void (value === null ? table(name).remove(key) : table(name).put(key, value));
    const counts = name === 'events' && table(name).doesExist(key) === (value === null);
    if (counts) shelve(key, value !== null, act);
    else act();
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
        for (const one of writes) write(one);
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
