import type { ConnectErrorCode } from '../../shared/errors.ts';
import type { Dropped } from '../dropped.ts';

/** What the socket gateways count; the node's metrics take it. Every bound says here when it is hit. */
export interface SocketCounts {
  /** A socket was accepted (`1`) or is gone (`-1`). */
  sockets(namespace: string, change: 1 | -1): void;
  refused(code: ConnectErrorCode): void;
  /** A payload that fits no schema, an unknown event, a binary attachment. */
  malformed(): void;
  dropped(what: Dropped): void;
}

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
