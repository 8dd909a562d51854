/** The headers by which it is judged whose page is calling. */
export interface OriginHeaders {
  origin?: string | undefined;
  host?: string | undefined;
}

export type OriginCheck = (headers: OriginHeaders) => boolean;

const DEFAULT_PORTS: Record<string, string> = { 'http:': '80', 'https:': '443' };

/**
 * Judges whether the page that calls may: pages of the same origin and of the `allowed` ones. A request without an
 * `Origin` header comes from no page and is judged by its token alone; `null` (sandboxed frames, files) is refused.
 * `allowed` holds origins as `parseOrigin` answers them.
 */
export function createOriginCheck(allowed: readonly string[]): OriginCheck {
  const listed = new Set(allowed);
  return ({ origin, host }) => {
    if (origin === undefined) return true;
    const url = parseUrl(origin);
    // A browser sends an origin as URL serialises it; anything else is none.
    if (url === undefined || url.origin !== origin) return false;
    return listed.has(origin) || isSameHost(url, host);
  };
}

/** An origin as browsers write it, of `https://desk.example` or `https://desk.example:443/`; undefined where it is none. */
export function parseOrigin(text: string): string | undefined {
  const url = parseUrl(text);
  if (url === undefined) return undefined;
  const bare =
    url.pathname === '/' &&
    url.search === '' &&
    url.hash === '' &&
    url.username === '' &&
    url.password === '';
  return bare ? url.origin : undefined;
}

function parseUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && url.protocol in DEFAULT_PORTS ? url : undefined;
}

/**
 * Same host and port as in `Host`. The scheme does not count: where TLS ends at a proxy, the page is on https and we
 * are not. So a `Host` without a port stands for the default port of the page's scheme.
 */
function isSameHost(origin: URL, host: string | undefined): boolean {
  const [, name, port] = /^(\[[\da-f:.]+\]|[^:@/?#\\\s]+)(?::(\d{1,5}))?$/i.exec(host ?? '') ?? [];
  if (name === undefined || !URL.canParse(`http://${name}`)) return false;
  if (new URL(`http://${name}`).hostname !== origin.hostname) return false;
  const defaultPort = DEFAULT_PORTS[origin.protocol];
  return (port ?? defaultPort) === (origin.port === '' ? defaultPort : origin.port);
}
