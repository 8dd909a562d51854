import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ErrorCode } from '../shared/errors.ts';
import type { Emission } from './engine/engine.ts';
import type { SocketCounts } from './sockets/counts.ts';

/** What a node counts, for Prometheus. */
export interface Metrics {
  registry: Registry;
  sockets: SocketCounts;
  /** An HTTP call was answered. `route` is the pattern, not the path: ids are no labels. */
  answered(method: string, route: string, status: number, seconds: number): void;
  /** An HTTP call was refused. */
  refused(code: ErrorCode): void;
  /** The engine told something. */
  told(emission: Emission): void;
  /** Something could not be told the other nodes; it will be told again. */
  unpublished(): void;
  /** A setting of Redis endangers sessions. */
  redisConcern(concern: string): void;
}

const SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5];

export function createMetrics({ ofProcess = false }: { ofProcess?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (ofProcess) collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const open = new Gauge({
    name: 'vigil_sockets',
    help: 'Open sockets',
    labelNames: ['namespace'],
    registers,
  });
  const refused = new Counter({
    name: 'vigil_refused_total',
    help: 'Refused connections and calls, by code',
    labelNames: ['transport', 'code'],
    registers,
  });
  const malformed = new Counter({
    name: 'vigil_malformed_total',
    help: 'Malformed payloads on sockets',
    registers,
  });
  const dropped = new Counter({
    name: 'vigil_dropped_total',
    help: 'What was dropped because a bound was hit',
    labelNames: ['what'],
    registers,
  });
  const calls = new Histogram({
    name: 'vigil_http_seconds',
    help: 'HTTP calls, by route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers,
  });
  const events = new Counter({
    name: 'vigil_events_total',
    help: 'Events of the audit log, by type',
    labelNames: ['type'],
    registers,
  });
  const ends = new Counter({
    name: 'vigil_sessions_ended_total',
    help: 'Ended sessions, by reason',
    labelNames: ['reason'],
    registers,
  });

  const unpublished = new Counter({
    name: 'vigil_unpublished_total',
    help: 'Messages to the other nodes that Redis did not take',
    registers,
  });
  const concerns = new Gauge({
    name: 'vigil_redis_concern',
    help: '1 for each setting of Redis that endangers sessions',
    labelNames: ['concern'],
    registers,
  });

  return {
    registry,
    sockets: {
      sockets: (namespace, change) => open.inc({ namespace }, change),
      refused: (code) => refused.inc({ transport: 'socket', code }),
      malformed: () => malformed.inc(),
      dropped: (what) => dropped.inc({ what }),
    },
    answered: (method, route, status, seconds) => calls.observe({ method, route, status }, seconds),
    refused: (code) => refused.inc({ transport: 'http', code }),
    unpublished: () => unpublished.inc(),
    redisConcern: (concern) => concerns.set({ concern }, 1),
    told(emission) {
      for (const { type, data } of emission.events) {
        events.inc({ type });
        if (type === 'session.ended') ends.inc({ reason: data.reason }, data.sessions.length);
      }
    },
  };
}
