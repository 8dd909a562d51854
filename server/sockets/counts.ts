import type { ConnectErrorCode } from '../../shared/errors.ts';

/** What the socket gateways count; the node's metrics take it. Every bound says here when it is hit. */
export interface SocketCounts {
  /** A socket was accepted (`1`) or is gone (`-1`). */
  sockets(namespace: string, change: 1 | -1): void;
  refused(code: ConnectErrorCode): void;
  /** A payload that fits no schema, an unknown event, a binary attachment. */
  malformed(): void;
  dropped(what: Dropped): void;
}

export type Dropped =
  /** A connection that sent too much, or too much nonsense. */
  | 'flooding_connection'
  | 'malformed_connection'
  /** A connection that asked for a namespace again before it was answered. */
  | 'impatient_connection'
  /** A dashboard that does not read what it is sent. */
  | 'slow_reader'
  /** A push that is older than what the tabs have been told. */
  | 'stale_push'
  /** A report, for which there was no room while the engine was away. */
  | 'report';

export const NO_COUNTS: SocketCounts = {
  sockets() {},
  refused() {},
  malformed() {},
  dropped() {},
};

/** As much of a logger as the gateways need. */
export interface SocketLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
