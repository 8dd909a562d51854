import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ErrorCode } from '../shared/errors.ts';
import type { Clock } from './clock.ts';
import type { Dropped } from './dropped.ts';
import type { Emission, Engine } from './engine/engine.ts';
import { createLateness } from './lateness.ts';
import type { SocketCounts } from './sockets/counts.ts';

/** What a node counts, for Prometheus. */
export interface Metrics {
  registry: Registry;
  sockets: SocketCounts;
  /** An HTTP call was answered. `route` is the pattern, not the path: ids are no labels. */
  answered(method: string, route: string, status: number, seconds: number): void;
  /** An HTTP call was refused. */
  refused(code: ErrorCode): void;
  /** Something was dropped because a bound was hit. */
  dropped(what: Dropped): void;
  /** The engine told something. */
  told(emission: Emission): void;
  /** A sweep took so long. */
  swept(seconds: number, ok: boolean): void;
  /** Redis answered a command, or failed to. */
  redisAnswered(seconds: number, ok: boolean): void;
  /** From now on these are read whenever somebody asks for the metrics. */
  watch(sources: MetricSources): void;
  /** Something could not be told the other nodes; it will be told again. */
  unpublished(): void;
  /** A setting of Redis endangers sessions. */
  redisConcern(concern: string): void;
}

/** What is not counted, but read. */
export interface MetricSources {
  engine: Pick<Engine, 'now' | 'totals'>;
  clock: Pick<Clock, 'monotonic'>;
  /** Open transport connections, which the sockets of both namespaces may share. */
  connections: () => number;
}

/** Totals cost the engine work: they are read at most so often. */
const TOTALS_KEPT_MS = 5_000;
const LATE_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60];
const RELAY_SECONDS = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 60];
const REASONS = ['timeout', 'logout', 'admin', 'lost'] as const;
const SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5];
/** From look to look at the event loop's delay: a hundred a second were half of what an idle node costs. */
const LOOP_LOOK_MS = 50;

export function createMetrics({ ofProcess = false }: { ofProcess?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (ofProcess) collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_LOOK_MS });
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

  for (const reason of REASONS) ends.inc({ reason }, 0);
  const late = new Histogram({
    name: 'vigil_late_seconds',
    help: 'How late warnings and ends came; a timeout that was made shorter makes warnings late',
    labelNames: ['what'],
    buckets: LATE_SECONDS,
    registers,
  });
  const sweeps = new Histogram({
    name: 'vigil_sweep_seconds',
    help: 'Sweeps of what is due',
    labelNames: ['outcome'],
    buckets: SECONDS,
    registers,
  });
  const relayLag = new Histogram({
    name: 'vigil_relay_lag_seconds',
    help: 'From an event in the engine to its telling by this node',
    buckets: RELAY_SECONDS,
    registers,
  });
  const redis = new Histogram({
    name: 'vigil_redis_seconds',
    help: 'Commands to Redis, by outcome',
    labelNames: ['outcome'],
    buckets: SECONDS,
    registers,
  });
  const drop = (what: Dropped) => dropped.inc({ what });
  const lateness = createLateness(
    (what, seconds) => late.observe({ what }, seconds),
    () => drop('lateness'),
  );
  const outcome = (ok: boolean) => ({ outcome: ok ? 'ok' : 'failed' });
  let sources: MetricSources | undefined;

  return {
    registry,
    sockets: {
      sockets: (namespace, change) => open.inc({ namespace }, change),
      refused: (code) => refused.inc({ transport: 'socket', code }),
      malformed: () => malformed.inc(),
      dropped: drop,
    },
    dropped: drop,
    answered: (method, route, status, seconds) => calls.observe({ method, route, status }, seconds),
    refused: (code) => refused.inc({ transport: 'http', code }),
    swept: (seconds, ok) => sweeps.observe(outcome(ok), seconds),
    redisAnswered: (seconds, ok) => redis.observe(outcome(ok), seconds),
    watch(given) {
      sources = given;
      readConnections(registry, given);
      readTotals(registry, given);
    },
    unpublished: () => unpublished.inc(),
    redisConcern: (concern) => concerns.set({ concern }, 1),
    told(emission) {
      lateness.told(emission);
      for (const { type, data, at } of emission.events) {
        events.inc({ type });
        if (sources !== undefined) relayLag.observe(Math.max(0, sources.engine.now() - at) / 1000);
        if (type === 'session.ended') ends.inc({ reason: data.reason }, data.sessions.length);
      }
    },
  };
}

function readConnections(registry: Registry, { connections }: MetricSources): void {
  new Gauge({
    name: 'vigil_connections',
    help: 'Open transport connections',
    registers: [registry],
    collect() {
      this.set(connections());
    },
  });
}

/** Of all nodes: each one answers the same. NaN where the engine cannot be reached. */
function readTotals(registry: Registry, { engine, clock }: MetricSources): void {
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<{ live: number; warned: number }> | undefined;
  const totals = async () => {
    const now = clock.monotonic();
    if (reading === undefined || now - readAt > TOTALS_KEPT_MS) {
      readAt = now;
      reading = engine.totals().catch(() => ({ live: Number.NaN, warned: Number.NaN }));
    }
    return reading;
  };
  for (const [name, field, help] of [
    ['vigil_agents_tracked', 'live', 'Agents with a live session, on all nodes'],
    ['vigil_agents_warned', 'warned', 'Of these, agents who are warned'],
  ] as const) {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set((await totals())[field]);
      },
    });
  }
}
