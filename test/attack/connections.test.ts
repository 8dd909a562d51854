import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { apiOf } from '../support/api.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { startVigil, type VigilProcess } from '../support/node-process.ts';
import { frame, openRawSocket, openRawTab } from '../support/raw-socket.ts';
import { openTab } from '../support/tab.ts';
import { signToken } from '../support/tokens.ts';
import { until } from '../support/waiting.ts';

async function droppedOf(node: VigilProcess, what: string): Promise<number> {
  const { body } = await apiOf(node.url).get('/metrics');
  return Number(new RegExp(`^vigil_dropped_total{what="${what}"} (\\d+)$`, 'm').exec(body)?.[1] ?? 0);
}

describe('a flood of connections', () => {
  const cleanup = cleanupAfterEach();

  /** A TCP connection that says nothing; resolves when it is there, or has been turned away. */
  const knock = (port: number) =>
    new Promise<Socket>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      cleanup.defer(() => socket.destroy());
      socket.on('error', () => {}).once('connect', () => resolve(socket));
    });

  it('is turned away at the bound; who is there stays, and there is room again when it is over', async () => {
    const node = cleanup.using(await startVigil({ VIGIL_MAX_CONNECTIONS: '20' }));
    const tab = cleanup.using(await openTab(node.url, signToken()));
    const flood = await Promise.all(Array.from({ length: 40 }, () => knock(node.port)));
    await until(() => flood.filter((socket) => socket.destroyed).length >= 20, 'those beyond to be dropped');
    expect(tab.socket.connected).to.equal(true);
    expect(await tab.availability(true)).to.deep.equal({ ok: false, code: 'not_participating' });
    for (const socket of flood) socket.destroy();
    await until(
      () =>
        fetch(`${node.url}/healthz`).then(
          ({ ok }) => ok,
          () => false,
        ),
      'room',
    );
    cleanup.using(await openTab(node.url, signToken()));
    expect(await droppedOf(node, 'connection')).to.be.at.least(20);
  });

  it('by polling, which holds no TCP connection open, is bounded all the same', async () => {
    const node = cleanup.using(await startVigil({ VIGIL_MAX_CONNECTIONS: '20' }));
    const statuses: number[] = [];
    for (let i = 0; i < 30; i += 1)
      statuses.push((await fetch(`${node.url}/socket.io/?EIO=4&transport=polling`)).status);
    expect(statuses.filter((status) => status === 200)).to.have.length(18);
    expect(statuses.filter((status) => status === 403)).to.have.length(12);
    expect((await apiOf(node.url).get('/readyz')).status, 'calls still get through').to.equal(200);
    expect(await droppedOf(node, 'connection')).to.equal(12);
  });
});

describe('a WebSocket that is abused below its messages', () => {
  const cleanup = cleanupAfterEach();

  it('is closed where it floods with pings, before or after it logged in', async () => {
    const node = cleanup.using(await startVigil());
    for (const raw of [await openRawSocket(node.port), await openRawTab(node.port, signToken())]) {
      for (let i = 0; i < 400; i += 1) raw.sendBytes(frame('', { opcode: 9 }));
      await raw.closed;
    }
    expect(await droppedOf(node, 'flooding_connection')).to.equal(2);
  });

  it('is closed where it sends a message in hundreds of pieces', async () => {
    const node = cleanup.using(await startVigil());
    const raw = cleanup.using(await openRawTab(node.port, signToken()));
    raw.sendBytes(frame('4', { fin: false }));
    for (let i = 0; i < 40; i += 1) raw.sendBytes(frame('2', { opcode: 0, fin: false }));
    await raw.closed;
    expect(await droppedOf(node, 'fragmented_message')).to.equal(1);
  });

  it('is closed where it sends a message that is larger than any of ours', async () => {
    const node = cleanup.using(await startVigil());
    const raw = cleanup.using(await openRawTab(node.port, signToken()));
    raw.sendBytes(frame(`42["activity",{"idleMs":0,"padding":"${'x'.repeat(17_000)}"}]`));
    await raw.closed;
    expect(await droppedOf(node, 'large_message')).to.equal(1);
  });

  it('offers no compression, so that no small message becomes a large one', async () => {
    const node = cleanup.using(await startVigil());
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(node.port, '127.0.0.1');
      cleanup.defer(() => socket.destroy());
      const head = [
        'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
        `Host: 127.0.0.1:${node.port}`,
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
      ];
      socket.once('data', (data) => resolve(String(data).split('\r\n\r\n')[0]!));
      socket.write([...head, '', ''].join('\r\n'));
    });
    expect(answer).to.match(/^HTTP\/1.1 101 /);
    expect(answer.toLowerCase()).to.not.include('sec-websocket-extensions');
    // A frame that says it is compressed all the same.
    const raw = cleanup.using(await openRawTab(node.port, signToken()));
    raw.sendBytes(frame('42["activity",{"idleMs":0}]', { reserved: 4 }));
    await raw.closed;
  });
});
