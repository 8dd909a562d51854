import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { Held } from '../../server/sockets/held.ts';
import { type FrameSource, type HeldWrites, limitedWebSocketServer } from '../../server/web-socket.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';

type OurSocket = WebSocket & FrameSource & HeldWrites;

describe('a WebSocket of the server', () => {
  const cleanup = cleanupAfterEach();

  /** Both ends, and the TCP connection of the server's. */
  async function open() {
    const server = createServer();
    const webSockets = new (limitedWebSocketServer(() => undefined))({ noServer: true });
    const opened = new Promise<{ ours: OurSocket; tcp: Socket }>((resolve) => {
      server.on('upgrade', (request, tcp: Socket, head) => {
        webSockets.handleUpgrade(request, tcp, head, (ours) => resolve({ ours: ours as OurSocket, tcp }));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const theirs = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    cleanup.using({
      close() {
        theirs.terminate();
        server.closeAllConnections();
        server.close();
      },
    });
    const heard: string[] = [];
    theirs.on('message', (text) => heard.push(String(text)));
    await once(theirs, 'open');
    return { ...(await opened), theirs, heard };
  }

  it('keeps what is sent while it is held, says that it was sent, and lets all of it go in its order', async () => {
    const { ours, tcp, theirs, heard } = await open();
    ours.hold();
    const longest = 'x'.repeat(65_536);
    for (const text of ['one', longest, Buffer.from('two')]) {
      await new Promise<unknown>((sent) => ours.send(text, sent));
    }
    expect(tcp.writableLength).to.be.greaterThan(0);
    ours.release();
    ours.release();
    ours.send('three');
    while (heard.length < 4) await once(theirs, 'message');
    expect(heard).to.deep.equal(['one', longest, 'two', 'three']);
    expect(tcp.writableCorked).to.equal(0);
  });

  it('lets its last words go with its end', async () => {
    const { ours, tcp, theirs, heard } = await open();
    ours.hold();
    ours.send('last', () => undefined);
    ours.close();
    await once(theirs, 'close');
    expect(heard).to.deep.equal(['last']);
    expect(tcp.writableCorked).to.equal(0);
  });

  it('reads texts in their order, those in one piece and those in several, and none after the closing frame', async () => {
    const { ours, theirs } = await open();
    const read: string[] = [];
    ours.on('message', (text) => read.push(String(text)));
    const { _socket: wire } = theirs as unknown as { _socket: Socket };
    const piece = async (...bytes: Buffer[]) => {
      const before = tcpBytes();
      wire.write(Buffer.concat(bytes));
      const expected = before + Buffer.concat(bytes).length;
      while (tcpBytes() < expected) await new Promise((resolve) => setImmediate(resolve));
    };
    const tcpBytes = () => (ours as unknown as { _socket: Socket })._socket.bytesRead;
    const masked = (text: string, first = 0x81) =>
      Buffer.concat([Buffer.of(first, 0x80 | text.length, 0, 0, 0, 0), Buffer.from(text)]);
    await piece(masked('one'));
    await piece(masked('two').subarray(0, 7));
    await piece(masked('two').subarray(7), masked('three'));
    await piece(masked('fo', 0x01));
    await piece(masked('ur', 0x80));
    await piece(masked('five'));
    await piece(masked('', 0x88), masked('never'));
    await piece(masked('never'));
    expect(read).to.deep.equal(['one', 'two', 'three', 'four', 'five']);
  });

  it('counts pings and pongs as packets', async () => {
    const { ours, theirs } = await open();
    const counted = new Promise<void>((resolve) => {
      let count = 0;
      const packet = () => {
        count += 1;
        if (count === 2) resolve();
      };
      ours.connection = { packet, takes: () => false };
    });
    theirs.ping();
    theirs.pong();
    await counted;
  });

  it('is released after a moment, whatever it waits for', async () => {
    const held = new Held();
    await new Promise<void>((resolve) => held.add({ release: resolve }));
  });
});
