import { type Duplex, Writable } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import type { Dropped, OnDropped } from './dropped.ts';
import { frameOf, textOf } from './text-frames.ts';

/** A message of ours is small, and comes in a few pieces at most, however the network cuts it. */
const LIMITS = { maxFragments: 32, maxBufferedChunks: 1_024, maxPendingAutoPongs: 256 };
/** What is dropped, by the error that says so. */
const DROPPED_BY: Record<string, Dropped> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'large_message',
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 'fragmented_message',
};

/** Counts what a connection sent. */
export interface FrameCounter {
  packet(payload: unknown): void;
  /** Takes a text that needs nobody else; false where it does. */
  takes(text: Buffer): boolean;
}

/** What goes out together costs one call to the system instead of several, each a tenth of what a connection costs. */
export interface HeldWrites {
  /** From now on what is sent waits, and counts as sent. */
  hold(): void;
  /** All that waits goes, together. */
  release(): void;
}

/** A WebSocket, of which pings and pongs are to be counted: no browser sends them, so they are packets like any other. */
export interface FrameSource extends Partial<HeldWrites> {
  connection: FrameCounter | undefined;
}

type ServerLimits = ConstructorParameters<typeof WebSocketServer>[0];

/** The WebSocket server with the bounds of ours, which says when they are hit. */
export function limitedWebSocketServer(onDropped: OnDropped): new (options: ServerLimits) => WebSocketServer {
  /** Watches its own events: a listener for each would be several objects for every tab. */
  class LimitedWebSocket extends WebSocket implements FrameSource, HeldWrites {
    connection: FrameCounter | undefined;
    #isHeld = false;

    hold(): void {
      if (this.#isHeld || this.readyState !== WebSocket.OPEN) return;
      this.#isHeld = true;
      socketOf(this).cork();
    }

    release(): void {
      if (!this.#isHeld) return;
      this.#isHeld = false;
      socketOf(this)?.uncork();
    }

    override send(text: string | Buffer, ...rest: [options?: object | Sent, sent?: Sent]): void {
      const sent = rest.at(-1);
      if (typeof sent !== 'function' || this.readyState !== WebSocket.OPEN) {
        super.send(text, ...(rest as [object, Sent]));
        return;
      }
      const frame = typeof text === 'string' ? frameOf(text) : undefined;
      // What is held counts as sent.
      const written = this.#isHeld ? undefined : (sent as (error?: Error | null) => void);
      if (frame === undefined) super.send(text, ...([...rest.slice(0, -1), written] as [object, Sent]));
      else socketOf(this).write(frame, written);
      if (this.#isHeld) process.nextTick(sent);
    }

    /** Its last words and the closing frame go out together. */
    override close(...reason: Parameters<WebSocket['close']>): void {
      const { _socket: socket, _receiver: receiver } = this as unknown as Record<
        keyof Parts,
        Ending | undefined
      >;
      if (socket != null) socket.end = endOnce;
      if (receiver != null) receiver.end = endOnce;
      super.close(...reason);
      this.release();
    }

    /** Of `ws`: its connection has become a WebSocket. */
    setSocket(...connected: unknown[]): void {
      (WebSocket.prototype as unknown as Connecting).setSocket.apply(this, connected);
      const receiver = receiverOf(this);
      receiver.webSocket = this;
      receiver.write = readOrWrite;
    }

    override emit(event: string | symbol, ...args: unknown[]): boolean {
      if (event === 'message') {
        const [data, isBinary] = args;
        if (isBinary === false && this.connection?.takes(data as Buffer)) return true;
      } else if (event === 'ping' || event === 'pong') this.connection?.packet(undefined);
      else if (event === 'error') {
        const what = DROPPED_BY[(args[0] as { code?: string }).code ?? ''];
        if (what !== undefined) onDropped(what);
      }
      return super.emit(event, ...args);
    }
  }
  return class extends WebSocketServer {
    constructor(options: ServerLimits) {
      // A text that is written past the library must not overtake what it is still deflating.
      super({ ...options, ...LIMITS, perMessageDeflate: false, WebSocket: LimitedWebSocket });
    }

    /** The answer goes out with the packet by which Engine.IO opens, which is written a moment later. */
    override handleUpgrade(...upgrade: Parameters<WebSocketServer['handleUpgrade']>): void {
      const [, socket] = upgrade;
      socket.cork();
      super.handleUpgrade(...upgrade);
      // Engine.IO opens in a microtask that waits already; where it should take longer, each goes alone.
      void Promise.resolve(socket).then(uncork);
    }
  };
}

type Sent = (error?: Error) => void;

/** What `ws` makes a WebSocket of: the TCP connection, and what takes frames apart. */
interface Parts {
  _socket: Duplex;
  _receiver: Receiver;
}

interface Connecting {
  setSocket(...connected: unknown[]): void;
}

/** What `ws` takes frames apart with: a stream, which what was read is written to. */
interface Receiver {
  webSocket: WebSocket;
  write(read: Buffer): boolean;
  readonly _maxPayload: number;
  readonly _state: number;
  readonly _bufferedBytes: number;
  readonly _fragmented: number;
  readonly _errored: boolean;
  /** Of the frame before. */
  readonly _opcode: number;
}

const CLOSING_FRAME = 8;
const STREAM: Pick<Receiver, 'write'> = Writable.prototype;

/** Reads a text that came in one piece past the stream, as it would. */
function readOrWrite(this: Receiver, read: Buffer): boolean {
  const isBetweenMessages =
    this._state === 0 && this._bufferedBytes === 0 && this._fragmented === 0 && this._errored === false;
  const text =
    isBetweenMessages && this._opcode !== CLOSING_FRAME ? textOf(read, this._maxPayload) : undefined;
  if (text === undefined) return STREAM.write.call(this, read);
  this.webSocket.emit('message', text, false);
  return true;
}

/** What `ws` ends again when the other side has ended, and once more when it has closed. */
interface Ending {
  readonly writableEnded: boolean;
  end(): this;
}

/** A stream that has ended makes an error, with its stack, for whoever ends it again: a tenth of what an end costs. */
function endOnce(this: Ending): Ending {
  return this.writableEnded ? this : (Object.getPrototypeOf(this) as Ending).end.call(this);
}

function uncork(socket: Duplex): void {
  socket.uncork();
}

/** The TCP connection below. */
function socketOf(webSocket: WebSocket): Duplex {
  return (webSocket as unknown as Parts)._socket;
}

function receiverOf(webSocket: WebSocket): Receiver {
  return (webSocket as unknown as Parts)._receiver;
}
