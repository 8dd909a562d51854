import { createHash } from 'node:crypto';

/** What stands for itself: most ids do. */
const PLAIN = /^[\w.-]+$/;

/**
 * An id as ASCII that needs no escaping in a key: percent-encoded, so `:`, `{`, `}` and control characters cannot occur.
 * Engines order by it, too: plain text comparison then equals the byte order of Redis.
 */
export function encodeId(id: string): string {
  if (PLAIN.test(id)) return id;
  return encodeURIComponent(id).replace(
    /[!'()*~]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

export function decodeId(encoded: string): string {
  return decodeURIComponent(encoded);
}

/** Where events of that moment begin, in the order of their ids. */
export function eventIdFrom(ms: number): string {
  return orderOf(ms, 0);
}

/** The moment that an event's id begins with. */
export function momentOfEventId(id: string): number {
  return Number.parseInt(id, 10);
}

/** Id of an event: ordered as text within its account, and by what follows from the account unlike those of others. */
export function eventId(ms: number, seq: number, accountMark: string): string {
  return `${orderOf(ms, seq)}-${accountMark}`;
}

/** The end of all event ids of an account, whose encoded id this is; include/emit.lua makes the same. */
export function accountMark(accountKey: string): string {
  return createHash('sha1').update(accountKey).digest('hex').slice(0, 8);
}

function orderOf(ms: number, seq: number): string {
  return `${String(ms).padStart(13, '0')}-${String(seq).padStart(6, '0')}`;
}
