import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import { Server, type ServerOptions } from 'socket.io';
import { WebSocketServer } from 'ws';
import { MAX_MESSAGE_BYTES } from '../shared/protocol.ts';
import type { Dropped, OnDropped } from './dropped.ts';
import type { OriginCheck } from './origins.ts';

/** A connection that is in no namespace by then is none of ours. */
const CONNECT_MS = 10_000;

/** A message of ours is small, and comes in a few pieces at most, however the network cuts it. */
const WEB_SOCKET_LIMITS = { maxFragments: 32, maxBufferedChunks: 1_024, maxPendingAutoPongs: 256 };
/** What is dropped, by the error that says so. */
const DROPPED_BY: Record<string, Dropped> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'large_message',
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 'fragmented_message',
};

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
  // As on everything else that this port answers.
  io.engine.use((_request: IncomingMessage, response: ServerResponse, next: () => void) => {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    next();
  });
  return io;
}

/** The WebSocket server with the bounds of ours, which says when they are hit. */
function limitedWebSocketServer(onDropped: OnDropped): new (options: ServerLimits) => WebSocketServer {
  return class extends WebSocketServer {
    constructor(options: ServerLimits) {
      super({ ...options, ...WEB_SOCKET_LIMITS });
    }

    override handleUpgrade(...[request, socket, head, done]: Parameters<WebSocketServer['handleUpgrade']>) {
      super.handleUpgrade(request, socket, head, (opened, of) => {
        opened.on('error', (error: Error & { code?: string }) => {
          const what = DROPPED_BY[error.code ?? ''];
          if (what !== undefined) onDropped(what);
        });
        done(opened, of);
      });
    }
  };
}

type ServerLimits = ConstructorParameters<typeof WebSocketServer>[0];

interface Headers {
  origin?: string | undefined;
  host?: string | undefined;
}
