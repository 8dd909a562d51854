import { type Server as HttpServer, type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Server, type ServerOptions } from 'socket.io';
import { MAX_MESSAGE_BYTES } from '../shared/protocol.ts';
import type { OnDropped } from './dropped.ts';
import type { OriginCheck } from './origins.ts';
import { limitedWebSocketServer } from './web-socket.ts';

/** A connection that is in no namespace by then is none of ours. */
const CONNECT_MS = 10_000;

export interface SocketServerOptions {
  origins: OriginCheck;
  /** Connections at the same time, also those by polling that hold no TCP connection open. */
  maxConnections: number;
  onDropped: OnDropped;
  /** How the other nodes are reached, where there are any. */
  adapter?: ServerOptions['adapter'] | undefined;
}

/**
 * Socket.IO on an HTTP server. Who may connect is judged at the gateways' door, origins included: only there can a
 * refusal say why. `cors` merely lets pages of allowed origins read what they poll.
 */
export function createSocketServer(
  server: HttpServer,
  { origins, maxConnections, onDropped, adapter }: SocketServerOptions,
): Server {
  const cors: ServerOptions['cors'] = ({ headers: { origin, host } }: { headers: Headers }, answer) => {
    answer(null, { origin: origin !== undefined && origins({ origin, host }), credentials: true });
  };
  const io = new Server(server, {
    cors,
    allowRequest(_request, answer) {
      const hasRoom = io.engine.clientsCount < maxConnections;
      if (!hasRoom) onDropped('connection');
      answer(null, hasRoom);
    },
    wsEngine: limitedWebSocketServer(onDropped),
    transports: ['polling', 'websocket'],
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    // Decompressing costs 230 kB a client and four times the CPU, and our messages are small.
    perMessageDeflate: false,
    httpCompression: false,
    serveClient: false,
    connectTimeout: CONNECT_MS,
    ...(adapter === undefined ? {} : { adapter }),
  });
  io.engine.use((_request: IncomingMessage, response: ServerResponse, next: () => void) => {
    forbidSniffing(response);
    next();
  });
  upgradeDirectly(io);
  return io;
}

/** As on everything else that this port answers. */
function forbidSniffing(response: Pick<ServerResponse, 'setHeader'>): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
}

/** What stands for a response where a connection becomes a WebSocket. */
interface UpgradeResponse extends Pick<ServerResponse, 'setHeader'> {
  socket: Socket;
}

/**
 * No page reads the headers of an upgrade, so it goes through no middleware: each would cost a connection two promises.
 * What stands for the response waits for the end of the socket, to tell middlewares; with it, it would hold the whole
 * request for as long as the tab is open.
 */
function upgradeDirectly(io: Server): void {
  const engine = io.engine as unknown as {
    _applyMiddlewares(
      request: IncomingMessage,
      response: ServerResponse | UpgradeResponse,
      done: (error?: unknown) => void,
    ): void;
  };
  const throughMiddlewares = engine._applyMiddlewares.bind(engine);
  engine._applyMiddlewares = (request, response, done) => {
    if (response instanceof ServerResponse) return throughMiddlewares(request, response, done);
    forbidSniffing(response);
    const newest = response.socket.rawListeners('close').at(-1);
    const isForOnce = newest !== undefined && 'listener' in newest;
    if (isForOnce) response.socket.removeListener('close', newest as never);
    done();
  };
}

interface Headers {
  origin?: string | undefined;
  host?: string | undefined;
}
