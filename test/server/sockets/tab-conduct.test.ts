import { expect } from 'chai';
import { Manager } from 'socket.io-client';
import type { Tab } from '../../support/tab.ts';
import { until } from '../../support/waiting.ts';
import { DAY, Desk, LEAD, MINUTE, meanwhile, START } from './desk.ts';

const NONSENSE: unknown[] = [
  null,
  undefined,
  0,
  '',
  'x',
  [],
  [[]],
  {},
  { idleMs: -1 },
  { idleMs: '5' },
  { idleMs: null },
  { idleMs: {} },
  { visible: 1, focused: true },
  { visible: true },
  { visible: true, focused: true, sinceMs: -1 },
  { available: 'yes' },
  JSON.parse('{"__proto__":{"idleMs":1,"available":true}}'),
];

/** A WebSocket that has been opened as Engine.IO does it; what is sent after that is the test's own affair. */
interface Raw {
  send(frame: string | Buffer): void;
  terminate(): void;
  closed: Promise<void>;
}

async function openRaw(desk: Desk): Promise<Raw> {
  const manager = new Manager(desk.url, {
    transports: ['websocket'],
    reconnection: false,
    autoConnect: false,
  });
  await new Promise<void>((resolve) => manager.open(() => resolve()));
  const { transport } = manager.engine as unknown as { transport: { ws: Omit<Raw, 'closed'> } };
  const closed = new Promise<void>((resolve) => manager.on('close', () => resolve()));
  return { send: (frame) => transport.ws.send(frame), terminate: () => transport.ws.terminate(), closed };
}

describe('a tab that misbehaves', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await Desk.open({ limits: { malformed: { burst: 20, perSecond: 20 / 60 } } });
  });
  afterEach(async () => {
    await desk.close();
    expect(desk.errors).to.deep.equal([]);
  });

  const emit = (tab: Tab, ...args: unknown[]) =>
    (tab.socket as unknown as { emit(...args: unknown[]): void }).emit(...args);

  for (const event of ['activity', 'focus', 'availability', 'logout', 'unheard-of', 'error', '__proto__']) {
    it(`is answered \`bad_payload\` to a malformed '${event}', which changes nothing`, async () => {
      await desk.close();
      desk = await Desk.open({ limits: { malformed: { burst: 100, perSecond: 0 } } });
      const tab = await desk.tab({ auto_assign: true });
      await desk.pass(MINUTE);
      const nonsense = NONSENSE.filter((payload) => {
        return (
          event !== 'logout' || typeof payload !== 'object' || payload === null || Array.isArray(payload)
        );
      });
      for (const payload of nonsense) {
        expect(await desk.say(tab, event, payload)).to.deep.equal({ ok: false, code: 'bad_payload' });
      }
      expect(desk.counted.malformedPayloads).to.equal(nonsense.length);
      expect(desk.between.calls('touch')).to.deep.equal([]);
      expect(await desk.engine.agent('acme', 'ada')).to.include({ available: true, sessions: 1, tabs: 1 });
    });
  }

  it('harms nobody by leaving the acknowledgement away', async () => {
    const tab = await desk.tab({ auto_assign: true });
    for (const event of ['availability', 'activity', 'focus', 'nothing']) emit(tab, event);
    emit(tab, 'availability', { available: false });
    emit(tab, 'activity', null, null);
    await tab.next('session', ({ available }) => available === false);
    emit(tab, 'logout', {});
    await tab.next('ended');
    expect(desk.counted.malformedPayloads).to.equal(5);
  });

  it('is disconnected, alone, where it goes on sending nonsense', async () => {
    const [tab, other] = [await desk.tab(), await desk.tab()];
    for (let i = 0; i < 20; i += 1) await desk.say(tab, 'activity', { idleMs: 'x' });
    expect(tab.socket.connected).to.equal(true);
    emit(tab, 'activity', { idleMs: 'x' });
    await tab.disconnected();
    expect(desk.counted.losses).to.deep.equal(['malformed_connection']);
    expect(await desk.say(other, 'activity', { idleMs: 0 })).to.deep.equal({ ok: true });
  });

  it('is disconnected, alone, where it floods', async () => {
    const [tab, other] = [await desk.tab(), await desk.tab()];
    for (let i = 0; i < 300; i += 1) emit(tab, 'activity', { idleMs: i });
    await tab.disconnected();
    expect(desk.counted.losses).to.deep.equal(['flooding_connection']);
    expect(await desk.say(other, 'activity', { idleMs: 0 })).to.deep.equal({ ok: true });
  });

  it('is disconnected where it sends attachments again and again; one does nothing', async () => {
    const [tab, other] = [await desk.tab(), await desk.tab()];
    expect(await desk.say(tab, 'activity', { idleMs: Buffer.from('0') })).to.deep.equal({
      ok: false,
      code: 'bad_payload',
    });
    for (let i = 0; i < 10; i += 1) emit(tab, 'activity', { idleMs: Buffer.from('0') });
    await tab.disconnected();
    expect(desk.between.calls('touch')).to.deep.equal([]);
    expect(other.socket.connected).to.equal(true);
  });

  it('is disconnected where it connects twice at once over one connection', async () => {
    const release = desk.between.hold('admit');
    const raw = await openRaw(desk);
    for (let i = 0; i < 3; i += 1) raw.send(`40${JSON.stringify({ token: desk.token() })}`);
    await raw.closed;
    release();
    await meanwhile();
    expect(desk.between.calls('admit')).to.have.length(1);
    expect(desk.counted.losses).to.deep.equal(['impatient_connection']);
    expect(desk.io.of('/').sockets.size).to.equal(0);
  });

  it('makes room for newer connections where it does not log in, while those that did stay', async () => {
    await desk.close();
    desk = await Desk.open({ limits: { pendingConnections: 2 } });
    const tab = await desk.tab();
    const idle = [await openRaw(desk), await openRaw(desk)];
    // A refused one is one of them, too.
    const refused = desk.connect('nonsense');
    await refused.refused();
    await idle[0]!.closed;
    const last = await openRaw(desk);
    await idle[1]!.closed;
    expect(desk.counted.losses).to.deep.equal(['pending_connection', 'pending_connection']);
    expect(tab.socket.connected).to.equal(true);
    last.send(`40${JSON.stringify({ token: desk.token() })}`);
    await until(() => desk.counted.open === 2, 'the last one to log in');
  });

  it('is cut off where it asks and never reads the answers', async () => {
    await desk.close();
    desk = await Desk.open({ limits: { backlog: 10 } });
    const base = `${desk.url}/socket.io/?EIO=4&transport=polling`;
    const { sid } = JSON.parse((await (await fetch(base)).text()).slice(1)) as { sid: string };
    const say = (...messages: string[]) =>
      fetch(`${base}&sid=${sid}`, { method: 'POST', body: messages.join('\x1e') });
    await say(`40${JSON.stringify({ token: desk.token() })}`);
    await until(() => desk.counted.open === 1, 'the tab');
    // Within one message's worth of answers nobody is judged: they are all still to come.
    for (const id of Array(12).keys()) await say(`42${id}["activity",{"idleMs":0}]`);
    await until(() => desk.counted.open === 0, 'its end');
    expect(desk.counted.losses).to.deep.equal(['slow_reader']);
  });

  it('holds no connection open that is in no namespace any more', async () => {
    const raw = await openRaw(desk);
    raw.send(`40${JSON.stringify({ token: desk.token() })}`);
    await until(() => desk.counted.open === 1, 'the tab');
    raw.send('41');
    await raw.closed;
    expect(desk.counted.open).to.equal(0);
  });

  it('survives 3,000 random frames, and the others feel nothing', async () => {
    const witness = await desk.tab();
    const packets = [
      '0',
      '2',
      '3',
      '40',
      '41',
      '42',
      '43',
      '44',
      '451-',
      '461-',
      '42["activity"',
      '4',
      '',
      '6',
    ];
    for (let connection = 0; connection < 30; connection += 1) {
      const raw = await openRaw(desk);
      if (connection % 2 === 0) raw.send(`40${JSON.stringify({ token: desk.token({ sub: 'mallory' }) })}`);
      for (let frame = 0; frame < 100; frame += 1) {
        const head = packets[(connection * 7 + frame * 13) % packets.length]!;
        raw.send(frame % 11 === 0 ? Buffer.from([frame, connection]) : `${head}${JSON.stringify({ frame })}`);
      }
      await new Promise((resolve) => setImmediate(resolve));
      raw.terminate();
    }
    await until(() => desk.io.engine.clientsCount === 1, 'all of them to be gone');
    await desk.pass(DAY - LEAD);
    const { message } = await witness.next('warning');
    expect(message.deadlineAt).to.equal(START + DAY);
  });
});

describe('an address with refused attempts', () => {
  it('is answered `rate_limited` beyond the limit, while good tokens still get in from it', async () => {
    const desk = await Desk.open({ limits: { refusals: { burst: 3, perSecond: 1 } } });
    try {
      const codes: string[] = [];
      for (let i = 0; i < 5; i += 1) codes.push((await desk.connect('nonsense').refused()).code);
      expect(codes).to.deep.equal([
        'token_invalid',
        'token_invalid',
        'token_invalid',
        'rate_limited',
        'rate_limited',
      ]);
      await desk.tab();
      const expired = desk.connect(desk.token({ exp: START / 1_000 }));
      expect(await expired.refused(), 'a token that was good once').to.deep.equal({ code: 'token_expired' });
      desk.clock.advance(1_000);
      expect((await desk.connect('nonsense').refused()).code).to.equal('token_invalid');
    } finally {
      await desk.close();
    }
  });
});
