/** Where Redis is, of the four forms that REDIS_URL may have. */
export type RedisTarget = RedisLogin &
  (
    | { kind: 'single'; url: string }
    | { kind: 'cluster'; nodes: RedisAddress[] }
    | { kind: 'sentinel'; sentinels: RedisAddress[]; name: string }
  );

export interface RedisAddress {
  host: string;
  port: number;
}

export interface RedisLogin {
  username?: string;
  password?: string;
}

const FORMS = 'redis://, rediss://, redis+cluster://h1:p1,h2:p2 or redis+sentinel://h1:p1,h2:p2/NAME';
const DEFAULT_PORT = 6379;
const DEFAULT_SENTINEL_PORT = 26_379;

/** Throws an Error that says what is wrong; its message never holds the password. */
export function parseRedisUrl(text: string): RedisTarget {
  const [, scheme, login, hosts, path] =
    /^([a-z+]+):\/\/(?:([^@/]*)@)?([^/@?#]*)(?:\/([^?#]*))?$/i.exec(text) ?? [];
  const credentials = parseLogin(login);
  switch (scheme?.toLowerCase()) {
    case 'redis':
    case 'rediss':
      return { kind: 'single', url: checkedUrl(text), ...credentials };
    case 'redis+cluster':
      if (path) throw new Error('a Redis Cluster has no databases: nothing may follow its hosts');
      return { kind: 'cluster', nodes: parseHosts(hosts, DEFAULT_PORT), ...credentials };
    case 'redis+sentinel':
      if (!path || path.includes('/'))
        throw new Error('the name of the master is missing: redis+sentinel://h1:p1,h2:p2/NAME');
      return {
        kind: 'sentinel',
        sentinels: parseHosts(hosts, DEFAULT_SENTINEL_PORT),
        name: decode(path),
        ...credentials,
      };
    default:
      throw new Error(`must be of the form ${FORMS}`);
  }
}

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hostname === '') throw new Error('must name a host: redis://host:port');
  if (!/^\/?\d*$/.test(url.pathname)) throw new Error('its path may only be the number of a database');
  return text;
}

function parseHosts(text: string | undefined, defaultPort: number): RedisAddress[] {
  return (text ?? '').split(',').map((entry) => {
    const [, host, port] = /^(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/i.exec(entry.trim()) ?? [];
    const number = port === undefined ? defaultPort : Number(port);
    if (host === undefined || number < 1 || number > 65_535)
      throw new Error('its hosts must be like h1:p1,h2:p2');
    return { host: host.replace(/^\[|\]$/g, ''), port: number };
  });
}

function parseLogin(text: string | undefined): RedisLogin {
  if (text === undefined) return {};
  const colon = text.indexOf(':');
  const [username, password] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
  return {
    ...(username === '' ? {} : { username: decode(username) }),
    ...(password === '' ? {} : { password: decode(password) }),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error('its user, password or name is badly percent-encoded');
  }
}
