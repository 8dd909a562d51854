/**
 * An id as ASCII that needs no escaping in a key: percent-encoded, so `:`, `{`, `}` and control characters cannot occur.
 * Engines order by it, too: plain text comparison then equals the byte order of Redis.
 */
export function encodeId(id: string): string {
  return encodeURIComponent(id).replace(
    /[!'()*~]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

export function decodeId(encoded: string): string {
  return decodeURIComponent(encoded);
}

/** Id of an audit entry: unique within an account and ordered as text. */
export function eventId(ms: number, seq: number): string {
  return `${String(ms).padStart(13, '0')}-${String(seq).padStart(6, '0')}`;
}
