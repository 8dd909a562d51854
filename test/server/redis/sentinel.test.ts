import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect } from 'chai';
import { Sentinels } from '../../../server/redis/sentinel.ts';
import type { RedisAddress } from '../../../server/redis-url.ts';
import { cleanupAfterEach } from '../../support/cleanup.ts';
import { freePort } from '../../support/places.ts';

describe('the Sentinels of a master', () => {
  const cleanup = cleanupAfterEach();

  /** One that names a master of a failover, as far as it has heard. */
  async function startSentinel(named: { port: number; epoch: number; listed?: number }) {
    const state = { named, connections: 0, asked: 0, hangs: false };
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      state.connections += 1;
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        for (const command of String(bytes).split('*').slice(1)) {
          const { port, epoch, listed = port } = state.named;
          if (state.hangs) continue;
          if (command.includes('GET-MASTER-ADDR-BY-NAME')) socket.write(listOf('10.0.0.1', `${port}`));
          else if (command.includes('SENTINEL'))
            socket.write(listOf('ip', '10.0.0.1', 'port', `${listed}`, 'config-epoch', `${epoch}`));
          else socket.write('+OK\r\n');
          if (command.includes('SENTINEL')) state.asked += 1;
        }
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const close = () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    };
    cleanup.using({ close });
    const address: RedisAddress = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
    return { state, address, close };
  }

  function listOf(...words: string[]): string {
    return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
  }

  const ask = (...sentinels: RedisAddress[]) =>
    cleanup.using(new Sentinels({ kind: 'sentinel', sentinels, name: 'desk' }));

  it('are believed by the latest failover that more than half of them know of', async () => {
    const before = { port: 1, epoch: 4 };
    const after = { port: 2, epoch: 5 };
    const [a, b, c] = [await startSentinel(before), await startSentinel(after), await startSentinel(after)];
    const sentinels = ask(a.address, b.address, c.address);
    for (let time = 0; time < 20; time += 1) expect((await sentinels.findMaster()).port).to.equal(2);
  });

  it('are asked over connections that stay, and anew where one is gone', async () => {
    const [a, b] = [await startSentinel({ port: 1, epoch: 1 }), await startSentinel({ port: 1, epoch: 1 })];
    const sentinels = ask(a.address, b.address);
    for (let time = 0; time < 5; time += 1) await sentinels.findMaster();
    expect([a, b].map(({ state }) => state.connections)).to.deep.equal([1, 1]);
    a.close();
    b.state.named = { port: 3, epoch: 2 };
    expect((await sentinels.findMaster()).port).to.equal(3);
  });

  it('have left a master only after another failover, however they spell it', async () => {
    const { state, address } = await startSentinel({ port: 1, epoch: 1 });
    const sentinels = ask(address);
    const master = await sentinels.findMaster();
    expect(await sentinels.haveLeft(master)).to.equal(false);
    state.named = { port: 2, epoch: 1 };
    expect(await sentinels.haveLeft(master)).to.equal(false);
    // Leading a failover, it lists the old address under the new epoch for a while.
    state.named = { port: 2, epoch: 2, listed: 1 };
    expect(await sentinels.haveLeft(master)).to.equal(true);
    expect(await sentinels.findMaster()).to.include({ port: 2, epoch: 2 });
  });

  it('are not asked again while they owe an answer', async () => {
    const [a, b] = [await startSentinel({ port: 1, epoch: 1 }), await startSentinel({ port: 1, epoch: 1 })];
    const c = await startSentinel({ port: 1, epoch: 1 });
    const sentinels = ask(a.address, b.address, c.address);
    while (c.state.asked === 0) await sentinels.findMaster();
    c.state.hangs = true;
    for (let time = 0; time < 20; time += 1) await sentinels.findMaster();
    const asked = c.state.asked;
    for (let time = 0; time < 20; time += 1) await sentinels.findMaster();
    expect(c.state.asked).to.equal(asked);
  });

  it('name nobody where none can be asked', async () => {
    const nobody = { host: '127.0.0.1', port: await freePort() };
    const refusal = await ask(nobody)
      .findMaster()
      .catch((error: unknown) => error);
    expect(String(refusal)).to.include('no Sentinel names a master called desk');
  });
});
