import type { VigilEvent } from '../../../../shared/events.ts';
import { type Shelf, shelfOf, USUAL_RETENTION } from '../../shelves.ts';
import { SortedTree } from '../sorted-tree.ts';
import type { EventRange, Store, Write } from './store.ts';

/** Keeps nothing beyond the process: only the audit log, which the engine reads from its store, is held at all. */
export function createVolatileStore(keptEvents = USUAL_RETENTION.maxEvents): Store {
  const shelves = new Map<string, InstanceType<typeof SortedTree<string, VigilEvent>>>();
  const shelfKey = (account: string, shelf: Shelf) => `${shelf}:${account}`;

  function put(event: VigilEvent): void {
    const key = shelfKey(event.account, shelfOf(event.type));
    let shelf = shelves.get(key);
    if (shelf === undefined) {
      shelf = new SortedTree<string, VigilEvent>();
      shelves.set(key, shelf);
    }
    shelf.set(event.id, event);
    if (shelf.size > keptEvents) shelf.delete(shelf.minKey()!);
  }

  function* events(account: string, name: Shelf, { after, before, newestFirst }: EventRange) {
    const shelf = shelves.get(shelfKey(account, name));
    if (shelf === undefined) return;
    const entries = newestFirst ? shelf.entriesReversed(before) : shelf.entries(after);
    for (const [id, event] of entries) {
      if (id === before || id === after) continue;
      if ((after !== undefined && id < after) || (before !== undefined && id > before)) return;
      yield event;
    }
  }

  return {
    load: () => [],
    events,
    async commit(writes: Write[]) {
      for (const { table, key, value } of writes) {
        if (table !== 'events') continue;
        if (value !== null) put(value as VigilEvent);
        else shelves.get(shelfKey(key[0]!, key[1] as Shelf))?.delete(key[2]!);
      }
    },
    async close() {},
  };
}
