import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import type { Namespace } from 'socket.io';
import { adapterBroadcast, type PushMessage, soleNode } from '../../../server/sockets/broadcast.ts';

const MESSAGE: PushMessage = { account: 'acme', agent: 'ada', pushes: [] };

const OTHER: PushMessage = { account: 'acme', agent: 'bob', pushes: [] };
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A namespace that keeps what it is to send, and a publisher that takes it when told to. */
function stage() {
  const emitted: unknown[][] = [];
  const namespace = { serverSideEmit: (...args: unknown[]) => emitted.push(args) } as unknown as Namespace;
  let publish = () => {};
  const published = new Promise<void>((resolve) => {
    publish = resolve;
  });
  const wire = { published: () => published, onMissed() {} };
  return { emitted, namespace, wire, publish };
}

describe('the way to the other nodes', () => {
  it('is one server-side message for all of a turn, and sent once the publisher has taken it', async () => {
    const { emitted, wire, publish, namespace } = stage();
    const broadcast = adapterBroadcast(namespace, wire);
    let sent = 0;
    const sends = [MESSAGE, OTHER].map((message) => broadcast.send(message).then(() => (sent += 1)));
    await turn();
    expect([emitted, sent]).to.deep.equal([[['vigil:pushes', [MESSAGE, OTHER]]], 0]);
    publish();
    await Promise.all(sends);
    await broadcast.send(OTHER);
    expect(emitted[1]).to.deep.equal(['vigil:pushes', [OTHER]]);
  });

  it('is several messages where much happens at once, in order', async () => {
    const { emitted, wire, publish, namespace } = stage();
    publish();
    const messages = Array.from({ length: 450 }, (_, rev) => ({ ...MESSAGE, agent: `agent-${rev}` }));
    const broadcast = adapterBroadcast(namespace, wire);
    await Promise.all(messages.map((message) => broadcast.send(message)));
    const pieces = emitted.map(([, piece]) => piece as PushMessage[]);
    expect(pieces.map(({ length }) => length)).to.deep.equal([200, 200, 50]);
    expect(pieces.flat()).to.deep.equal(messages);
  });

  it('says of all that went together that it may not have got there', async () => {
    const { wire, namespace } = stage();
    wire.published = () => Promise.reject(new Error('Redis is away'));
    const broadcast = adapterBroadcast(namespace, wire);
    const outcomes = await Promise.allSettled([broadcast.send(MESSAGE), broadcast.send(OTHER)]);
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
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
    namespace.emit('vigil:pushes', [MESSAGE, OTHER]);
    namespace.emit('missed');
    expect(heard).to.deep.equal([
      ['tabs', MESSAGE],
      ['tabs', OTHER],
      ['dashboards', MESSAGE],
      ['dashboards', OTHER],
      'something is missing',
    ]);
  });

  it('is nothing to wait for where there is no other', async () => {
    soleNode.onMessage(() => expect.fail('nobody sends'));
    expect(await soleNode.send(MESSAGE)).to.equal(undefined);
  });
});
