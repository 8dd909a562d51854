import type { IncomingMessage } from 'node:http';
import type { Server, Socket } from 'socket.io';
import type { Clock } from '../clock.ts';
import type { OriginCheck } from '../origins.ts';
import { Bucket } from './bucket.ts';
import type { Dropped, SocketCounts } from './counts.ts';
import type { SocketLimits } from './limits.ts';

/** One transport connection, which the sockets of both namespaces may share. */
export interface Connection {
  readonly address: string;
  /** Whether the page that opened it may call. */
  readonly originAllowed: boolean;
  /** Namespaces that it is in, or is just being admitted to. */
  readonly namespaces: Set<string>;
  /** Counts a malformed payload; the connection is dropped where there are too many. */
  malformed(): void;
  /** How many packets wait because the client does not read what it was sent. */
  backlog(): number;
  /** Ends it at once, which is counted; what was still to be sent is lost. */
  dropFor(what: Dropped): void;
  /** Ends it, once all is sent, where it is in no namespace: a client could hold it open for nothing. */
  closeIfUnused(): void;
}

export interface ConnectionsOptions {
  /** Already attached to its HTTP server. */
  io: Server;
  origins: OriginCheck;
  /** The client's address, as far as proxies are trusted. */
  addressOf?: ((request: IncomingMessage) => string) | undefined;
  clock: Clock;
  limits: SocketLimits;
  counts: SocketCounts;
}

type RawConnection = Socket['conn'];

/**
 * Keeps what must be known of a connection after its headers have been dropped, and watches what it sends below the
 * events: also packets to namespaces that do not exist, acks that nobody asked for and binary frames.
 */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #known = new WeakMap<RawConnection, Connection>();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
    options.io.engine.on('connection', (raw: RawConnection) => this.#watch(raw));
  }

  of(socket: Socket): Connection {
    return this.#known.get(socket.conn) ?? this.#watch(socket.conn);
  }

  /** A socket of it has left its namespace. */
  left(socket: Socket): void {
    const connection = this.of(socket);
    connection.namespaces.delete(socket.nsp.name);
    connection.closeIfUnused();
  }

  #watch(raw: RawConnection): Connection {
    const { clock, limits, counts, origins } = this.#options;
    const now = clock.monotonic();
    const packets = new Bucket(limits.packets, now);
    const malformed = new Bucket(limits.malformed, now);
    const { headers } = raw.request;
    let isDropped = false;
    const dropFor = (what: Dropped): void => {
      if (isDropped) return;
      isDropped = true;
      counts.dropped(what);
      terminate(raw);
    };
    const connection: Connection = {
      address: this.#options.addressOf?.(raw.request) ?? raw.remoteAddress,
      originAllowed: origins({ origin: headers.origin, host: headers.host }),
      namespaces: new Set(),
      malformed() {
        counts.malformed();
        if (!malformed.take(limits.malformed, clock.monotonic())) dropFor('malformed_connection');
      },
      backlog: () => backlogOf(raw),
      dropFor,
      closeIfUnused() {
        if (connection.namespaces.size === 0) raw.close();
      },
    };
    raw.on('packet', (packet: { data?: unknown }) => {
      if (!packets.take(limits.packets, clock.monotonic())) dropFor('flooding_connection');
      else if (isBinary(packet.data)) connection.malformed();
    });
    this.#known.set(raw, connection);
    return connection;
  }
}

/** No event of ours has attachments. */
function isBinary(data: unknown): boolean {
  return data !== undefined && data !== null && typeof data !== 'string';
}

/** What Engine.IO holds back, one more where the transport has not got rid of what it was handed last. */
function backlogOf(raw: RawConnection): number {
  const { writeBuffer, transport } = raw as unknown as {
    writeBuffer: unknown[];
    transport: { writable: boolean };
  };
  return writeBuffer.length + (transport.writable ? 0 : 1);
}

/** Ends a connection without the courtesy of a closing handshake, during which it could go on sending. */
function terminate(raw: RawConnection): void {
  const { transport } = raw as unknown as { transport: { socket?: { terminate?: () => void } } };
  raw.close(true);
  transport.socket?.terminate?.();
}

/** Headers, token and request have done their work: 10,000 idle tabs need not hold them. */
export function forgetRequest(socket: Socket): void {
  const { handshake } = socket;
  handshake.auth = {};
  handshake.headers = {};
  handshake.query = {};
  handshake.url = '';
  (socket.conn as { request: unknown }).request = null;
}
