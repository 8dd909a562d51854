import type { VigilEvent } from '../../../shared/events.ts';
import type { EventQuery } from '../engine.ts';
import { SHELVES } from '../shelves.ts';
import type { Partitions } from './partitions.ts';
import type { ScriptedLink } from './scripted-link.ts';

const SMALLEST_PAGE = 50;
const LARGEST_PAGE = 500;

/** One page of an account's audit log, merged from its shelves in order. */
export async function readEvents(
  link: ScriptedLink,
  partitions: Partitions,
  account: string,
  query: EventQuery,
  /** Entries of this moment and earlier are no longer told. */
  goneUntil: number,
): Promise<VigilEvent[]> {
  const newest = await newestEntry(link, partitions.shelf(account, 'state'));
  if (newest === null) return [];
  const shelves = SHELVES.map((shelf) => partitions.shelf(account, shelf));
  const pages = await Promise.all(shelves.map((key) => readShelf(link, key, { goneUntil, newest }, query)));
  const sign = query.after === undefined ? -1 : 1;
  return pages
    .flat()
    .sort((a, b) => (a.id < b.id ? -sign : sign))
    .slice(0, query.limit);
}

/**
 * The shelves are read one after the other, and what is written meanwhile is left to the next reader: else the newest of
 * one shelf could move a reader's cursor past an entry that it did not get to see on the other.
 */
async function newestEntry(link: ScriptedLink, stateKey: string): Promise<string | null> {
  const words = ['HMGET', stateKey, 'eventMs', 'eventSeq'];
  const [ms, seq] = (await link.send(stateKey, words)) as (string | null)[];
  return ms == null || seq == null ? null : `${ms}-${seq}`;
}

async function readShelf(
  link: ScriptedLink,
  key: string,
  { goneUntil, newest }: { goneUntil: number; newest: string },
  query: EventQuery,
): Promise<VigilEvent[]> {
  const newestFirst = query.after === undefined;
  const found: VigilEvent[] = [];
  const after = entryId(query.after);
  let low = after === undefined || Number.parseInt(after, 10) <= goneUntil ? `${goneUntil + 1}-0` : after;
  let high = entryId(query.before) ?? newest;
  const page = Math.min(Math.max(query.limit, SMALLEST_PAGE), LARGEST_PAGE);
  while (found.length < query.limit) {
    const words = newestFirst ? ['XREVRANGE', key, high, low] : ['XRANGE', key, low, high];
    const entries = (await link.send(key, [...words, 'COUNT', String(page)])) as [string, string[]][];
    for (const [, fields] of entries) {
      const event = JSON.parse(fields[1]!) as VigilEvent;
      if (matches(event, query)) found.push(event);
    }
    if (entries.length < page) break;
    const next = `(${entries.at(-1)![0]}`;
    if (newestFirst) high = next;
    else low = next;
  }
  return found.slice(0, query.limit);
}

/** The bound of a range, that event included; none for a text that is no event's id. */
function entryId(id: string | undefined): string | undefined {
  const [, ms, seq] = /^(\d{13,15})-(\d{6,12})(?:-[\da-f]{8})?$/.exec(id ?? '') ?? [];
  return ms === undefined ? undefined : `${Number(ms)}-${Number(seq)}`;
}

function matches(event: VigilEvent, { after, before, types, agent }: EventQuery): boolean {
  if ((after !== undefined && event.id <= after) || (before !== undefined && event.id >= before))
    return false;
  if (types !== undefined && !types.includes(event.type)) return false;
  return agent === undefined || ('agent' in event.data && event.data.agent === agent);
}
