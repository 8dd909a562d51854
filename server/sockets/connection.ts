import type { IncomingMessage } from 'node:http';
import type { Server, Socket } from 'socket.io';
import { Bucket } from '../bucket.ts';
import type { Clock } from '../clock.ts';
import type { Dropped } from '../dropped.ts';
import type { OriginCheck } from '../origins.ts';
import type { RefusalLog } from '../refusal-log.ts';
import type { FrameSource } from '../web-socket.ts';
import type { SocketCounts } from './counts.ts';
import { Held } from './held.ts';
import type { SocketLimits } from './limits.ts';
import { idleMsIn } from './report-frame.ts';

export interface ConnectionsOptions {
  /** Already attached to its HTTP server. */
  io: Server;
  origins: OriginCheck;
  /** The client's address, as far as proxies are trusted. */
  addressOf?: ((request: IncomingMessage) => string) | undefined;
  clock: Clock;
  limits: SocketLimits;
  counts: SocketCounts;
  note: RefusalLog;
}

type RawConnection = Socket['conn'] & { [CONNECTION]?: Connection };

type Transport = RawConnection['transport'];

/** Where a connection of Engine.IO keeps what we know of it: listeners shared by all find it there. */
const CONNECTION = Symbol('connection');

/** What all connections of a node share. */
interface Shared extends ConnectionsOptions {
  /** Those that are in no namespace, the oldest first. */
  pending: Set<Connection>;
  held: Held;
}

const NONE: readonly string[] = [];

/** One transport connection, which the sockets of both namespaces may share. There are many: it is kept small. */
export class Connection {
  readonly address: string;
  /** Whether the page that opened it may call. */
  readonly originAllowed: boolean;
  /** Namespaces that it is in, or is just being admitted to. */
  namespaces: readonly string[] = NONE;
  /** Takes reports of its tab, while one is open; `idleMs` in whole milliseconds. */
  onReport: ((idleMs: number) => void) | undefined;
  readonly #shared: Shared;
  readonly #raw: RawConnection;
  readonly #packets: Bucket;
  /** Made when it is needed: honest clients send nothing malformed. */
  #malformed: Bucket | undefined;
  #isDropped = false;

  constructor(raw: RawConnection, shared: Shared) {
    const { clock, limits, origins, addressOf } = shared;
    const { headers } = raw.request;
    this.#raw = raw;
    this.#shared = shared;
    this.address = addressOf?.(raw.request) ?? raw.remoteAddress;
    this.originAllowed = origins({ origin: headers.origin, host: headers.host });
    this.#packets = new Bucket(limits.packets, clock.monotonic());
  }

  /** Counts what it sent, of whatever kind; it is dropped where that is too much. */
  packet(payload: unknown): void {
    if (this.#count() && isBinary(payload)) this.malformed();
    // Answers pile up for whoever asks and does not listen.
    this.checkReading();
  }

  /** One packet more; false where that is too much, and it is dropped. */
  #count(): boolean {
    const { limits, clock } = this.#shared;
    if (this.#packets.take(limits.packets, clock.monotonic())) return true;
    this.dropFor('flooding_connection');
    return false;
  }

  /** Takes a report past Engine.IO and Socket.IO, in its order among what they take: they dispatch in the next tick, too. */
  takes(text: Buffer): boolean {
    const idleMs = this.onReport === undefined ? undefined : idleMsIn(text);
    if (idleMs === undefined || !isHealthy(this.#raw)) return false;
    // It asks for no answer: none can pile up.
    if (this.#count() && !this.#isDropped) process.nextTick(take, this, idleMs);
    return true;
  }

  /** Counts a malformed payload; it is dropped where there are too many. */
  malformed(): void {
    const { limits, clock, counts } = this.#shared;
    counts.malformed();
    this.#malformed ??= new Bucket(limits.malformed, clock.monotonic());
    if (!this.#malformed.take(limits.malformed, clock.monotonic())) this.dropFor('malformed_connection');
  }

  /** How many packets wait because the client does not read what it was sent. */
  backlog(): number {
    return backlogOf(this.#raw);
  }

  /** Cuts it off where too much waits for it; answers whether it may be sent more. */
  checkReading(): boolean {
    if (this.backlog() > this.#shared.limits.backlog) this.dropFor('slow_reader');
    return !this.#isDropped;
  }

  /** What is sent next waits a moment for what is sent after it. */
  hold(): void {
    this.#shared.held.add(this);
    webSocketOf(this.#raw.transport)?.hold?.();
  }

  /** What is sent next goes out with the end of the connection, where nothing else goes on in it. */
  holdLast(): void {
    if (this.namespaces.length === 1) this.hold();
  }

  /** What waits goes out. */
  release(): void {
    if (this.#shared.held.delete(this)) webSocketOf(this.#raw.transport)?.release?.();
  }

  /** Ends it at once, which is counted; what was still to be sent is lost. */
  dropFor(what: Dropped): void {
    if (this.#isDropped) return;
    this.#isDropped = true;
    this.#shared.counts.dropped(what);
    this.#shared.note(this.address, { what }, 'a connection was dropped');
    terminate(this.#raw);
  }

  /** A socket of it is being let into this namespace. */
  enter(namespace: string): void {
    this.#shared.pending.delete(this);
    this.namespaces = this.namespaces.concat(namespace);
  }

  /** A socket of it has left this namespace, or was not let in. `closes`: it is closed soon, if nothing else goes on in it. */
  leave(namespace: string, { closes = false } = {}): void {
    this.namespaces = this.namespaces.filter((other) => other !== namespace);
    if (this.namespaces.length === 0 && this.isOpen && !closes) this.#shared.pending.add(this);
  }

  get isOpen(): boolean {
    return this.#raw.readyState === 'open';
  }

  /** It is gone. */
  closed(): void {
    this.#shared.pending.delete(this);
  }

  /** Ends it, once all is sent, where it is in no namespace: a client could hold it open for nothing. */
  closeIfUnused(): void {
    if (this.namespaces.length === 0) this.#raw.close();
  }
}

/**
 * Keeps what must be known of a connection after its headers have been dropped, and watches what it sends below the
 * events: also packets to namespaces that do not exist, acks that nobody asked for and binary frames.
 */
export class Connections {
  readonly #shared: Shared;

  constructor(options: ConnectionsOptions) {
    this.#shared = { ...options, pending: new Set(), held: new Held() };
    options.io.engine.on('connection', (raw: RawConnection) => this.#watch(raw));
  }

  of(socket: Socket): Connection {
    const raw: RawConnection = socket.conn;
    return raw[CONNECTION] ?? this.#watch(raw);
  }

  #watch(raw: RawConnection): Connection {
    const connection = new Connection(raw, this.#shared);
    raw[CONNECTION] = connection;
    raw.on('packet', countPacket);
    raw.on('close', closed);
    countControlFrames(connection, raw.transport);
    if (raw.transport.name === 'polling') {
      raw.on('upgrade', (transport) => countControlFrames(connection, transport as Transport));
    }
    this.#shared.pending.add(connection);
    this.#makeRoom();
    return connection;
  }

  /** Whoever logs in does so at once: under a flood, those that have not done so for longest are the flood. */
  #makeRoom(): void {
    const { pending, limits } = this.#shared;
    for (const oldest of pending) {
      if (pending.size <= limits.pendingConnections) return;
      pending.delete(oldest);
      oldest.dropFor('pending_connection');
    }
  }
}

function take({ onReport }: Connection, idleMs: number): void {
  onReport?.(idleMs);
}

/** It is open, and has answered the last ping: where it owes an answer, Engine.IO wants to know that it lives. */
function isHealthy(raw: RawConnection): boolean {
  const { pingTimeoutTimer } = raw as unknown as { pingTimeoutTimer?: object | null };
  return raw.readyState === 'open' && (pingTimeoutTimer ?? null) === null;
}

function countPacket(this: RawConnection, { data }: { data?: unknown }): void {
  this[CONNECTION]?.packet(data);
}

function closed(this: RawConnection): void {
  this[CONNECTION]?.closed();
}

/** Pings and pongs of the WebSocket itself. */
function countControlFrames(connection: Connection, transport: Transport): void {
  const webSocket = webSocketOf(transport);
  if (webSocket !== undefined) webSocket.connection = connection;
}

function webSocketOf(transport: Transport): FrameSource | undefined {
  return transport.name === 'websocket' ? (transport as { socket?: FrameSource }).socket : undefined;
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

/** We ask clients for no acknowledgement: one map for all sockets, in which none is ever found. */
class NoAcks extends Map<number, () => void> {
  override set(): never {
    throw new Error('No message of ours asks for an acknowledgement.');
  }
}

const NO_ACKS = new NoAcks();
const FORGOTTEN = Object.freeze({ auth: {}, headers: {}, query: {}, url: '' });

/**
 * Headers, token and request have done their work: 10,000 idle tabs need not hold them. The request itself lives as long
 * as its TCP socket, which refers to it: so it is emptied.
 */
export function forgetRequest(socket: Socket): void {
  const { request } = socket;
  (socket as { handshake: unknown }).handshake = FORGOTTEN;
  (socket as unknown as { acks: NoAcks }).acks = NO_ACKS;
  socket.data = undefined;
  // The other socket of this connection has been here already.
  if (request === null) return;
  request.headers = {};
  request.rawHeaders = [];
  request.url = '';
  (request as { _query?: unknown })._query = undefined;
  (socket.conn as { request: unknown }).request = null;
}
