import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import type { Namespace } from 'socket.io';
import { adapterBroadcast, type PushMessage, soleNode } from '../../../server/sockets/broadcast.ts';

const MESSAGE: PushMessage = { account: 'acme', agent: 'ada', pushes: [] };

describe('the way to the other nodes', () => {
  it('is one server-side message, sent once the publisher has taken it', async () => {
    const emitted: unknown[][] = [];
    const namespace = { serverSideEmit: (...args: unknown[]) => emitted.push(args) };
    let publish = () => {};
    const published = new Promise<void>((resolve) => {
      publish = resolve;
    });
    const wire = { published: () => published, onMissed() {} };
    let isSent = false;
    const sent = adapterBroadcast(namespace as unknown as Namespace, wire)
      .send(MESSAGE)
      .then(() => {
        isSent = true;
      });
    await new Promise((resolve) => setImmediate(resolve));
    expect([emitted, isSent]).to.deep.equal([[['vigil:push', MESSAGE]], false]);
    publish();
    await sent;
  });

  it('brings what they sent to everybody here who listens', () => {
    const namespace = new EventEmitter();
    const wire = {
      published: async () => undefined,
      onMissed: (listener: () => void) => void namespace.on('missed', listener),
    };
    const broadcast = adapterBroadcast(namespace as unknown as Namespace, wire);
    const heard: unknown[] = [];
    broadcast.onMessage((message) => heard.push(['tabs', message]));
    broadcast.onMessage((message) => heard.push(['dashboards', message]));
    broadcast.onMissed?.(() => heard.push('something is missing'));
    namespace.emit('vigil:push', MESSAGE);
    namespace.emit('missed');
    expect(heard).to.deep.equal([['tabs', MESSAGE], ['dashboards', MESSAGE], 'something is missing']);
  });

  it('is nothing to wait for where there is no other', async () => {
    soleNode.onMessage(() => expect.fail('nobody sends'));
    expect(await soleNode.send(MESSAGE)).to.equal(undefined);
  });
});
