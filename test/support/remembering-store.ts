import type { Store, Table, Write } from '../../server/engine/memory/store/store.ts';
import { createVolatileStore } from '../../server/engine/memory/store/volatile-store.ts';

/** Keeps every row as it was written, so that another engine can start on it. */
export function createRememberingStore(): Store {
  const volatile = createVolatileStore();
  const tables = new Map<Table, Map<string, { key: string[]; value: object }>>();
  const rowsOf = (table: Table) => {
    const rows = tables.get(table) ?? new Map<string, { key: string[]; value: object }>();
    tables.set(table, rows);
    return rows;
  };

  return {
    *load<T>(table: Exclude<Table, 'events'>) {
      for (const { key, value } of rowsOf(table).values())
        yield { key: [...key], value: structuredClone(value) as T };
    },
    events: volatile.events,
    async commit(writes: Write[]) {
      await volatile.commit(writes);
      for (const { table, key, value } of writes) {
        if (table === 'events') continue;
        if (value === null) rowsOf(table).delete(JSON.stringify(key));
        else rowsOf(table).set(JSON.stringify(key), { key: [...key], value: structuredClone(value) });
      }
    },
    close: () => volatile.close(),
  };
}
