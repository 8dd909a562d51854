import type { Rate } from '../bucket.ts';

/** What clients may do at most. All of it per node. */
export interface SocketLimits {
  /** Packets of one connection, of whatever kind: above it the connection is dropped. */
  packets: Rate;
  /** Malformed payloads of one connection: above it the connection is dropped. */
  malformed: Rate;
  /** Refused attempts of one address: above it they are answered `rate_limited`. Accepted ones are never counted. */
  refusals: Rate;
  /** The same for tokens that were good once: on Monday morning a whole office behind one NAT comes with ended logins. */
  staleRefusals: Rate;
  /** Connections that are in no namespace yet: with more, the oldest of them makes room. */
  pendingConnections: number;
  /** Packets that wait for a connection that does not read: with more it is cut off. More than may be asked at once. */
  backlog: number;
  /** Open tabs of one agent: more are refused with `rate_limited`. */
  tabsPerAgent: number;
  /** Open dashboards of one agent. */
  watchersPerAgent: number;
  /** Packets that wait for a dashboard that does not read: with more it is cut off. */
  watcherBacklog: number;
  /** Reports kept while the engine is away: newest per agent and login. */
  keptReports: number;
}

export const DEFAULT_LIMITS: SocketLimits = {
  packets: { burst: 200, perSecond: 50 },
  malformed: { burst: 20, perSecond: 20 / 60 },
  refusals: { burst: 300, perSecond: 10 },
  staleRefusals: { burst: 5_000, perSecond: 100 },
  pendingConnections: 5_000,
  backlog: 500,
  tabsPerAgent: 500,
  watchersPerAgent: 50,
  watcherBacklog: 8,
  keptReports: 100_000,
};
