import { expect } from 'chai';
import fc from 'fast-check';
import { idleMsIn } from '../../../server/sockets/report-frame.ts';
import { activityReport } from '../../../shared/schemas.ts';
import { Desk, MINUTE, meanwhile, SECOND, START } from './desk.ts';

/** As much of Engine.IO's socket as is private to it and relied on. */
interface EngineSocket {
  on(event: 'packet', listener: (packet: { data?: unknown }) => void): void;
  resetPingTimeout(): void;
}

/** The one connection, and what Engine.IO gets to see of it from now on. */
function packetsOf({ io }: Desk) {
  const [connection] = Object.values(
    (io.engine as unknown as { clients: Record<string, EngineSocket> }).clients,
  );
  const passed: unknown[] = [];
  connection!.on('packet', ({ data }) => passed.push(data));
  return { connection: connection!, passed };
}

const frameOf = (text: string) => idleMsIn(Buffer.from(text));
const asSent = (idleMs: number) => `42${JSON.stringify(['activity', { idleMs }])}`;

describe('a report that is taken from its frame', () => {
  it('is every one that an SDK sends', () => {
    fc.assert(
      fc.property(fc.nat({ max: 9_999_999_999 }), (idleMs) => frameOf(asSent(idleMs)) === idleMs),
      { examples: [[0], [9_999_999_999]] },
    );
  });

  it('is nothing that Socket.IO and the schema would take for something else', () => {
    const damaged = fc
      .tuple(
        fc.nat({ max: 99_999 }),
        fc.nat({ max: 40 }),
        fc.nat({ max: 3 }),
        fc.string({ unit: 'binary', maxLength: 3 }),
      )
      .map(([idleMs, at, cut, more]) => {
        const text = asSent(idleMs);
        return text.slice(0, at) + more + text.slice(at + cut);
      });
    fc.assert(
      fc.property(damaged, (text) => {
        const taken = frameOf(text);
        if (taken === undefined) return;
        expect(text.slice(0, 2)).to.equal('42');
        const [event, payload, ...rest] = JSON.parse(text.slice(2));
        expect([event, activityReport.parse(payload), rest]).to.deep.equal([
          'activity',
          { idleMs: taken },
          [],
        ]);
      }),
      { numRuns: 2_000, examples: [[asSent(7).replace('7', '07')], [asSent(7).replace('7', '-7')]] },
    );
  });

  it('is none with a fraction, with more than it should have, or of another namespace', () => {
    for (const text of [
      '42["activity",{"idleMs":1.5}]',
      '42["activity",{"idleMs":1}]1',
      '42["activity",{"idleMs":}]',
    ]) {
      expect(frameOf(text), text).to.equal(undefined);
    }
    expect(frameOf('42/presence,["activity",{"idleMs":1}]')).to.equal(undefined);
    expect(frameOf('421["activity",{"idleMs":1}]')).to.equal(undefined);
  });
});

describe('reports past Socket.IO', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await Desk.open();
  });
  afterEach(async () => {
    await desk.close();
    expect(desk.errors).to.deep.equal([]);
  });

  const heard = async () => (await desk.engine.agent('acme', 'ada'))?.lastActivityAt;
  const touched = () => desk.between.calls('touch').length;

  it('count like any other', async () => {
    const tab = await desk.tab({}, { transports: ['websocket'] });
    const { passed } = packetsOf(desk);
    await desk.pass(MINUTE);
    tab.socket.emit('activity', { idleMs: 1_000 });
    await desk.say(tab, 'focus', { visible: true, focused: true });
    await desk.pass(250);
    expect(await heard()).to.equal(START + MINUTE - SECOND);
    expect(passed).to.have.length(1);
  });

  it('keep their place among what goes through it', async () => {
    const tab = desk.connect(desk.token(), { transports: ['websocket'] });
    await tab.next('session');
    await desk.pass(MINUTE);
    // In one write: hidden until now, so that a report which overtook the word of it would not count.
    tab.socket.emit('focus', { visible: true, focused: true });
    tab.socket.emit('activity', { idleMs: 0 });
    tab.socket.emit('focus', { visible: false, focused: false });
    tab.socket.emit('activity', { idleMs: 0 });
    await desk.say(tab, 'focus', { visible: false, focused: false });
    await desk.pass(SECOND);
    expect(await heard()).to.equal(START + MINUTE);
  });

  it('do not count after the end of the session', async () => {
    const tab = await desk.tab({ sid: 's-1' });
    await desk.pass(MINUTE);
    const ended = tab.next('ended');
    await desk.signOut();
    tab.socket.emit('activity', { idleMs: 0 });
    await ended;
    await desk.pass(SECOND);
    await meanwhile();
    expect(touched()).to.equal(0);
  });

  it('go the long way while a pong is owed: Engine.IO takes them for a sign of life', async () => {
    const tab = await desk.tab({}, { transports: ['websocket'] });
    const { connection, passed } = packetsOf(desk);
    connection.resetPingTimeout();
    tab.socket.emit('activity', { idleMs: 0 });
    await desk.say(tab, 'focus', { visible: true, focused: true });
    expect(passed).to.have.length(2);
  });
});
