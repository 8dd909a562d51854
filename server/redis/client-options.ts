import type { RedisLogin } from '../redis-url.ts';

const CONNECT_TIMEOUT_MS = 2_000;
/** Without an answer for so long, a connection that nobody uses is given up. */
const IDLE_TIMEOUT_MS = 3_000;

/**
 * What every connection has: nothing waits in a queue while there is none, an idle one is kept alive, and one that has
 * failed does not come back by itself.
 */
export const CLIENT_OPTIONS = {
  RESP: 2 as const,
  disableOfflineQueue: true,
  // A timer for each command would cost more than the command: see calls-under-way.ts.
  commandOptions: { timeout: 0 },
  pingInterval: 1_000,
  socket: {
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: IDLE_TIMEOUT_MS,
    reconnectStrategy: false as const,
  },
};

export function credentials({ username, password }: RedisLogin): RedisLogin {
  return { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
}
