import type { VigilEvent } from '../../../shared/events.ts';
import type { EventQuery } from '../engine.ts';
import { SHELVES } from '../shelves.ts';
import type { Store } from './store/store.ts';

/** One page of an account's audit log, merged from its shelves in order. */
export function readEvents(store: Store, account: string, query: EventQuery): VigilEvent[] {
  const newestFirst = query.after === undefined;
  const range = { after: query.after, before: query.before, newestFirst };
  const pages = SHELVES.map((shelf) => take(store.events(account, shelf, range), query));
  const sign = newestFirst ? -1 : 1;
  return pages
    .flat()
    .sort((a, b) => (a.id < b.id ? -sign : sign))
    .slice(0, query.limit);
}

function take(events: Iterable<VigilEvent>, { limit, types, agent }: EventQuery): VigilEvent[] {
  const found: VigilEvent[] = [];
  for (const event of events) {
    if (found.length >= limit) break;
    if (types !== undefined && !types.includes(event.type)) continue;
    if (agent !== undefined && !('agent' in event.data && event.data.agent === agent)) continue;
    found.push(event);
  }
  return found;
}
