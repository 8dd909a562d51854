import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Server } from 'socket.io';
import { createAddressOf } from './addresses.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { openDemo } from './demo.ts';
import type { Emission, Engine } from './engine/engine.ts';
import { SHELVES } from './engine/shelves.ts';
import { startSweeper } from './engine/sweeper.ts';
import { fileLimit } from './file-limit.ts';
import { createHttpApp } from './http/app.ts';
import { openKeySet } from './key-set.ts';
import { listen } from './listener.ts';
import { type Log, SILENT } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { type OpenEngine, openEngine } from './open-engine.ts';
import { openWebhooks } from './open-webhooks.ts';
import { createOriginCheck } from './origins.ts';
import { createPresenceHistory } from './presence-history.ts';
import { startPresenceRecorder } from './presence-recorder.ts';
import { openSocketAdapter, type SocketAdapter } from './socket-adapter.ts';
import { createSocketServer } from './socket-server.ts';
import { adapterBroadcast, soleNode } from './sockets/broadcast.ts';
import { createSocketGateways } from './sockets/gateways.ts';
import type { TabGateway } from './sockets/tab-gateway.ts';
import { createTokenVerifier } from './tokens.ts';
import type { Webhooks } from './webhooks/dispatcher.ts';

/** For calls that are under way when the node goes; everything together has 10 s. */
const DRAIN_MS = 2_000;

export interface NodeOptions {
  clock: Clock;
  log?: Log;
  metrics?: Metrics;
  /** In place of the engine that the settings ask for. */
  openEngine?: OpenEngine;
  /** The folder with what browsers load; without it, what the build made. */
  assetsDir?: string;
}

/** One node: an engine, what keeps it swept, and the sockets and HTTP calls around it. */
export interface VigilNode {
  readonly url: string;
  readonly port: number;
  readonly io: Server;
  readonly engine: Engine;
  /** Goes away: accepts nobody any more, sends the tabs elsewhere, keeps what they reported, and closes. */
  leave(): Promise<void>;
  /** Closes without a word to the tabs. */
  close(): Promise<void>;
}

/** Puts a node together and listens. Rejects, with nothing left open, where any part of it cannot start. */
export async function startNode(config: Config, options: NodeOptions): Promise<VigilNode> {
  const { clock, log = SILENT, metrics = createMetrics() } = options;
  const late: LateParts = { gateway: null, webhooks: null, others: [] };
  const relay = async (emission: Emission) => {
    metrics.told(emission);
    late.webhooks?.told(emission);
    await late.gateway?.relay(emission);
  };
  const engine = await (options.openEngine ?? openEngine)(config, { clock, relay, log, metrics });
  let wire: SocketAdapter | null = null;
  try {
    if (config.redis !== null) wire = await openSocketAdapter(config.redis, clock, metrics.unpublished);
    return await surround({ engine, wire }, config, { ...options, log, metrics }, late);
  } catch (error) {
    late.gateway?.close();
    await late.webhooks?.stop();
    for (const other of late.others) await other.close();
    await engine.close();
    await wire?.close();
    throw error;
  }
}

/** What the engine's news go through, as soon as it is there; and what else is to be closed where the node cannot start. */
interface LateParts {
  gateway: TabGateway | null;
  webhooks: Webhooks | null;
  others: { close(): void | Promise<void> }[];
}

/** Everything around the engine. */
async function surround(
  { engine, wire }: { engine: Engine; wire: SocketAdapter | null },
  config: Config,
  options: NodeOptions & { log: Log; metrics: Metrics },
  late: LateParts,
): Promise<VigilNode> {
  const { clock, log, metrics } = options;
  const { leadMs, minTimeoutMs, idleAfterMs, leaveGraceMs, verifyCookie, metricsToken } = config;
  let url = '';
  let leaving = false;
  const demo = openDemo(config, clock, log, () => url);
  const origins = createOriginCheck(config.allowedOrigins);
  const { jwks, issuer, audience } = config.tokens;
  const keySet = jwks === null ? null : await openKeySet({ source: jwks, clock, log });
  if (keySet !== null) late.others.push(keySet);
  const tokens = createTokenVerifier({ keys: keySet ?? demo?.keys ?? config.tokens.keys, issuer, audience });
  const addressOf = createAddressOf(config.trustedProxies);
  const shared = { engine, tokens, origins, addressOf, clock, log, leadMs };
  const display = { idleAfterMs, leaveGraceMs };
  const recorder = startPresenceRecorder({ engine, clock, display, log });
  late.others.push(recorder);
  const history = createPresenceHistory(engine, recorder);
  const http = {
    ...shared,
    metrics,
    allowedOrigins: config.allowedOrigins,
    minTimeoutMs,
    auditEvents: SHELVES.length * config.audit.maxEvents,
    verifyCookie,
    metricsToken,
    display,
    history,
    assetsDir: options.assetsDir ?? builtAssets(),
    isLeaving: () => leaving,
  };
  const server = createServer(createHttpApp(http, demo === null ? [] : [demo.desk.handler]));
  const maxConnections = config.maxConnections ?? fileLimit();
  const io = createSocketServer(server, {
    origins,
    // The rest is for calls: whoever looks after the node must get through.
    maxConnections: Math.floor(maxConnections * 0.9),
    onDropped: metrics.dropped,
    adapter: wire?.adapter,
  });
  const broadcast = wire === null ? soleNode : adapterBroadcast(io.of('/'), wire);
  const gateway = createSocketGateways({ ...shared, io, broadcast, display, metrics: metrics.sockets });
  late.gateway = gateway;
  metrics.watch({ engine, clock, connections: () => io.engine.clientsCount });
  const listener = await listen(server, config, { clock, maxConnections, onDropped: metrics.dropped });
  url = listener.url;
  const webhooks = openWebhooks(config.webhook ?? demo?.webhook() ?? null, { engine, clock, log, metrics });
  late.webhooks = webhooks;
  const sweeper = startSweeper({ engine, clock, log, onSwept: metrics.swept });

  const close = onlyOnce(async () => {
    leaving = true;
    gateway.close();
    await Promise.all([recorder.close(), sweeper.stop()]);
    const closed = io.close();
    listener.destroy();
    keySet?.close();
    await closed;
    await demo?.desk.close();
    await webhooks?.stop();
    await engine.close();
    await wire?.close();
  });
  return {
    url,
    port: listener.port,
    io,
    engine,
    close,
    leave: onlyOnce(async () => {
      leaving = true;
      listener.stop();
      await gateway.shutdown();
      await Promise.all([listener.drained(DRAIN_MS), webhooks?.stop()]);
      await close();
    }),
  };
}

function onlyOnce(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= run();
    return running;
  };
}

/** Where the build puts what browsers load: beside the built server, or under dist/ where the sources run. */
function builtAssets(): string {
  const fromSources = import.meta.url.endsWith('.ts');
  return fileURLToPath(new URL(fromSources ? '../dist/client/' : '../client/', import.meta.url));
}
