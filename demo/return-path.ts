/**
 * Where to go after signing in: a page of the desk itself, never another site's, whatever the query says.
 * `under` is the area whose pages it may be (`/desk`, `/help`); anything else is the area's start.
 */
export function returnPath(value: unknown, under: string): string {
  if (typeof value !== 'string' || value.length > 500 || !value.startsWith('/')) return under;
  const base = 'http://desk.invalid';
  if (!URL.canParse(value, base)) return under;
  const { origin, pathname, search, hash } = new URL(value, base);
  const inside = origin === base && (pathname === under || pathname.startsWith(`${under}/`));
  return inside ? pathname + search + hash : under;
}
