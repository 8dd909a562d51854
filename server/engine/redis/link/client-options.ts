import type { RedisLogin } from '../../../redis-url.ts';
import { COMMAND_TIMEOUT_MS } from './redis-link.ts';

const CONNECT_TIMEOUT_MS = 2_000;
const MAX_PAUSE_MS = 1_000;

/**
 * What every connection has. A command that was sent and is not answered fails with its socket (`socketTimeout`; a timer
 * for each command would cost more than the command), and nothing waits in a queue while there is no connection.
 */
export const CLIENT_OPTIONS = {
  RESP: 2 as const,
  disableOfflineQueue: true,
  commandOptions: { timeout: 0 },
  socket: {
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: COMMAND_TIMEOUT_MS,
    reconnectStrategy: pauseBeforeRetry,
  },
};

/** Doubling, with jitter, so that nodes do not come back all at once. */
function pauseBeforeRetry(retries: number): number {
  const most = Math.min(MAX_PAUSE_MS, 50 * 2 ** Math.min(retries, 10));
  return Math.round(most / 2 + (Math.random() * most) / 2);
}

export function credentials({ username, password }: RedisLogin): RedisLogin {
  return { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
}
