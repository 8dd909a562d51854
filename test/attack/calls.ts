import { OPERATIONS, type Operation } from '../../server/api-docs/operations.ts';
import { type Answer, apiOf } from '../support/api.ts';

/** Who may make a call: see docs/security.md. */
export type Needs = 'manage' | 'view' | 'service' | 'live' | 'manage or self';

/** A call that takes a token. A new one of the server is among them by itself, or fails here until it is said what it is. */
export interface TokenCall {
  name: string;
  method: Operation['method'];
  needs: Needs;
  /** Makes it, with these ids in its path and query. */
  make(url: string, token: string | undefined, ids: Ids, more?: More): Promise<Answer>;
}

export interface Ids {
  id: string;
  sid: string;
}

export interface More {
  query?: Record<string, string>;
  body?: Record<string, unknown>;
  headers?: Record<string, string>;
}

const NEEDS: Record<string, Needs> = {
  '`manage_security`': 'manage',
  '`view_presence`': 'view',
  'a service token with `manage_security`': 'service',
  'a live session': 'live',
  '`manage_security`, or the agent': 'manage or self',
};
const BODIES: Record<string, Record<string, unknown>> = {
  PolicySettings: { timeoutSeconds: 7_200, rememberMe: { agent: false, requester: false } },
  PreviewRequest: { timeoutSeconds: 7_200 },
  AvailabilityRequest: { available: false },
};

/** Every call of the interface that takes a token of the host. */
export const TOKEN_CALLS: TokenCall[] = OPERATIONS.filter(({ path, needs }) => {
  return needs !== undefined && path !== '/metrics';
}).map(callOf);

function callOf({ method, path, needs, body }: Operation): TokenCall {
  const name = `${method.toUpperCase()} ${path}`;
  const known = NEEDS[needs!];
  if (known === undefined) throw new Error(`${name} needs ${needs}: say here what that is`);
  if (body !== undefined && !(body in BODIES))
    throw new Error(`${name} takes ${body}: say here what that is`);
  return {
    name,
    method,
    needs: known,
    make(url, token, ids, { query = {}, body: extra = {}, headers = {} } = {}) {
      const filled = path.replace(/\{(\w+)\}/g, (_, parameter: string) => {
        if (!(parameter in ids)) throw new Error(`${name} has a {${parameter}}: say here what that is`);
        return encodeURIComponent(ids[parameter as keyof Ids]);
      });
      const words = new URLSearchParams(query);
      const where = words.size === 0 ? filled : `${filled}?${words}`;
      const sent = body === undefined ? undefined : { ...BODIES[body], ...extra };
      const api = apiOf(url, token);
      if (method === 'put') return api.put(where, sent, headers);
      return method === 'post' ? api.post(where, sent, headers) : api[method](where, headers);
    },
  };
}
