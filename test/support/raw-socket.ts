import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { withTimeout } from './waiting.ts';

/** A WebSocket by hand, to send what no client library would. */
export interface RawSocket {
  readonly closed: Promise<void>;
  readonly isOpen: boolean;
  /** Text that the server sent so far (short messages only). */
  readonly messages: readonly string[];
  /** Bytes as they are, whatever they mean. */
  sendBytes(bytes: Buffer): void;
  send(text: string): void;
  waitForMessage(match: (text: string) => boolean, what: string): Promise<string>;
  close(): void;
}

export interface FrameOptions {
  opcode?: number;
  fin?: boolean;
  masked?: boolean;
  reserved?: number;
}

/** Opens a WebSocket of Engine.IO; rejects where the upgrade is refused. */
export async function openRawSocket(
  port: number,
  { path = '/socket.io/?EIO=4&transport=websocket', headers = {} as Record<string, string> } = {},
): Promise<RawSocket> {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  const lines = Object.entries({ Host: `127.0.0.1:${port}`, ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  const upgrade = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13'];
  const key = `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`;
  socket.write([`GET ${path} HTTP/1.1`, ...lines, ...upgrade, key, '', ''].join('\r\n'));
  const opened = new OpenSocket(socket);
  await withTimeout(opened.upgraded, 5_000, 'the upgrade of a raw WebSocket');
  return opened;
}

/** Opens one and enters the namespace of the tabs with a token. */
export async function openRawTab(port: number, token: string): Promise<RawSocket> {
  const raw = await openRawSocket(port);
  raw.send(`40${JSON.stringify({ token })}`);
  await raw.waitForMessage((text) => text.startsWith('42["session"'), 'its session');
  return raw;
}

/** A WebSocket frame of a client. */
export function frame(
  payload: Buffer | string,
  { opcode = 1, fin = true, masked = true, reserved = 0 }: FrameOptions = {},
): Buffer {
  const body = Buffer.from(payload as string);
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const flag = masked ? 0x80 : 0;
  let head: Buffer;
  if (body.length < 126) head = Buffer.from([first, flag | body.length]);
  else if (body.length < 65_536)
    head = Buffer.from([first, flag | 126, body.length >> 8, body.length & 0xff]);
  else {
    head = Buffer.alloc(10);
    head[0] = first;
    head[1] = flag | 127;
    head.writeBigUInt64BE(BigInt(body.length), 2);
  }
  if (!masked) return Buffer.concat([head, body]);
  const mask = randomBytes(4);
  const hidden = Buffer.from(body.map((byte, index) => byte ^ mask[index % 4]!));
  return Buffer.concat([head, mask, hidden]);
}

class OpenSocket implements RawSocket {
  readonly upgraded: Promise<void>;
  readonly closed: Promise<void>;
  readonly messages: string[] = [];
  isOpen = true;
  readonly #socket: Socket;
  readonly #watchers = new Set<() => void>();
  #buffer = Buffer.alloc(0);
  #inFrames = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.isOpen = false;
        resolve();
      });
    });
    socket.on('error', () => {});
    this.upgraded = new Promise((resolve, reject) => {
      socket.on('data', (chunk) => {
        this.#buffer = Buffer.concat([this.#buffer, chunk]);
        if (!this.#inFrames) this.#readHead(resolve, reject);
        if (this.#inFrames) this.#readFrames();
      });
      this.closed.then(() => reject(new Error('The connection was closed before the upgrade')));
    });
  }

  #readHead(resolve: () => void, reject: (error: Error) => void): void {
    const end = this.#buffer.indexOf('\r\n\r\n');
    if (end === -1) return;
    const status = this.#buffer.subarray(0, end).toString('latin1').split('\r\n')[0]!;
    if (!status.includes(' 101 ')) {
      reject(new Error(`The upgrade was refused: ${status}`));
      return;
    }
    this.#buffer = this.#buffer.subarray(end + 4);
    this.#inFrames = true;
    resolve();
  }

  #readFrames(): void {
    for (;;) {
      if (this.#buffer.length < 2) return;
      const opcode = this.#buffer[0]! & 0x0f;
      let length = this.#buffer[1]! & 0x7f;
      let start = 2;
      if (length === 126) {
        if (this.#buffer.length < 4) return;
        length = this.#buffer.readUInt16BE(2);
        start = 4;
      }
      if (this.#buffer.length < start + length) return;
      const payload = this.#buffer.subarray(start, start + length);
      this.#buffer = this.#buffer.subarray(start + length);
      if (opcode === 1) this.#read(payload.toString('utf8'));
      // The server takes its leave; it would wait for our own close frame.
      if (opcode === 8) this.close();
    }
  }

  #read(text: string): void {
    // Engine.IO's ping wants its pong.
    if (text === '2') this.send('3');
    this.messages.push(text);
    for (const watcher of this.#watchers) watcher();
  }

  sendBytes(bytes: Buffer): void {
    if (this.isOpen) this.#socket.write(bytes);
  }

  send(text: string): void {
    this.sendBytes(frame(text));
  }

  waitForMessage(match: (text: string) => boolean, what: string): Promise<string> {
    const found = new Promise<string>((resolve, reject) => {
      const look = () => {
        const hit = this.messages.find(match);
        if (hit !== undefined) resolve(hit);
      };
      this.#watchers.add(look);
      look();
      this.closed.then(() => reject(new Error(`Closed before ${what}; got ${this.messages.join(' ')}`)));
    });
    return withTimeout(found, 5_000, () => `${what}; got ${this.messages.join(' ')}`);
  }

  close(): void {
    this.#socket.destroy();
  }
}
