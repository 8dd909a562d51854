import type { RedisProcess } from './redis-process.ts';

/** What the nodes of a run keep their sessions in. */
export interface Store {
  readonly url: string;
  readonly servers: readonly RedisProcess[];
  /** A server that takes writes now; for the Cluster, one of them. */
  master(index?: number): Promise<RedisProcess>;
  /** Who leads now, by name; empty where nobody can be asked. */
  leaders(): Promise<string>;
  /** A planned change of the master, as for maintenance. */
  failover(): Promise<void>;
  /** A server that was killed is started again, as its supervisor would. */
  restart(server: RedisProcess): Promise<void>;
  /** Empties everything. */
  wipe(): Promise<void>;
  close(): Promise<void>;
}
