import type { Server as HttpServer } from 'node:http';
import { Server, type ServerOptions } from 'socket.io';
import { MAX_MESSAGE_BYTES } from '../shared/protocol.ts';
import type { OriginCheck } from './origins.ts';

/** A connection that is in no namespace by then is none of ours. */
const CONNECT_MS = 10_000;

/**
 * Socket.IO on an HTTP server. Who may connect is judged at the gateways' door, origins included: only there can a
 * refusal say why. `cors` merely lets pages of allowed origins read what they poll. `adapter`: how the other nodes are
 * reached, where there are any.
 */
export function createSocketServer(
  server: HttpServer,
  origins: OriginCheck,
  adapter?: ServerOptions['adapter'],
): Server {
  const cors: ServerOptions['cors'] = ({ headers: { origin, host } }: { headers: Headers }, answer) => {
    answer(null, { origin: origin !== undefined && origins({ origin, host }), credentials: true });
  };
  return new Server(server, {
    cors,
    transports: ['polling', 'websocket'],
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    // Decompressing costs 230 kB a client and four times the CPU, and our messages are small.
    perMessageDeflate: false,
    httpCompression: false,
    serveClient: false,
    connectTimeout: CONNECT_MS,
    ...(adapter === undefined ? {} : { adapter }),
  });
}

interface Headers {
  origin?: string | undefined;
  host?: string | undefined;
}
