import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, isIPv6, type Socket } from 'node:net';
import type { Clock } from './clock.ts';
import type { OnDropped } from './dropped.ts';

/** A server that listens, and all its connections. */
export interface Listener {
  readonly port: number;
  /** Where it is reached from this machine. */
  readonly url: string;
  /** Accepts nobody any more; who is connected stays. */
  stop(): void;
  /** Resolves when all have left, or after `ms`: calls that are under way are to have their answer. */
  drained(ms: number): Promise<void>;
  /** Ends every connection, whatever it has become. */
  destroy(): void;
}

const HEADERS_MS = 15_000;
const REQUEST_MS = 30_000;
/** Longer than balancers keep an idle connection: they, not we, decide when it is over. */
const KEEP_ALIVE_MS = 75_000;

/**
 * When another node dies, its tabs come all at once, and whoever finds no room has to try again. Node's own 511 are few;
 * the system's bound (Linux: net.core.somaxconn, 4096) stays in force.
 */
const BACKLOG = 4_096;

const POLL_MS = 25;

export interface ListenOptions {
  clock: Clock;
  /** Connections at the same time; one more is dropped. */
  maxConnections: number;
  onDropped: OnDropped;
}

export async function listen(
  server: Server,
  { host, port }: { host: string; port: number },
  { clock, maxConnections, onDropped }: ListenOptions,
): Promise<Listener> {
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = REQUEST_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.maxConnections = maxConnections;
  server.on('drop', () => onDropped('connection'));
  const connections = new Set<Socket>();
  // One function for all, not one each: there are many.
  function forget(this: Socket): void {
    connections.delete(this);
  }
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.on('close', forget);
  });
  server.listen({ host, port, backlog: BACKLOG });
  await once(server, 'listening');
  const { port: real } = server.address() as AddressInfo;
  return {
    port: real,
    url: `http://${reachable(host)}:${real}`,
    stop: () => void server.close(),
    async drained(ms) {
      const until = clock.monotonic() + ms;
      while (connections.size > 0 && clock.monotonic() < until) {
        server.closeIdleConnections();
        await new Promise<void>((resolve) => void clock.after(POLL_MS, resolve));
      }
    },
    destroy() {
      for (const socket of connections) socket.destroy();
    },
  };
}

function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return isIPv6(host) ? `[${host}]` : host;
}
