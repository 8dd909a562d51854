import type { Server as HttpServer } from 'node:http';
import { expect } from 'chai';
import { until } from '../../support/waiting.ts';
import { DAY, Desk, HOUR, LEAD, MINUTE, meanwhile, SECOND, START, settle } from './desk.ts';

describe('a tab that connects', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await Desk.open();
  });
  afterEach(async () => {
    await desk.close();
    expect(desk.errors).to.deep.equal([]);
  });

  for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']]) {
    it(`is told its session over ${transports.join(', then ')}`, async () => {
      const tab = desk.connect(desk.token({ auto_assign: true }), { transports });
      const { message } = await tab.next('session');
      expect(message).to.deep.equal({
        rev: message.rev,
        state: 'active',
        lastActivityAt: START,
        deadlineAt: START + DAY,
        endsAt: START + DAY,
        warnAt: START + DAY - LEAD,
        timeoutMs: DAY,
        leadMs: LEAD,
        serverTime: START,
        available: true,
      });
    });
  }

  const refusals: [string, (desk: Desk) => string | undefined, object][] = [
    ['no token', () => undefined, { code: 'token_missing' }],
    ['a token that is none', () => 'nonsense', { code: 'token_invalid' }],
    ['an expired token', (d) => d.token({ exp: START / 1_000 }), { code: 'token_expired' }],
    ["a service's token", (d) => d.token({ service: true }), { code: 'token_invalid' }],
    [
      'a login that is a whole timeout old',
      (d) => d.token({ auth_time: (START - DAY) / 1_000 }),
      { code: 'session_ended', reason: 'timeout' },
    ],
  ];
  for (const [what, token, refusal] of refusals) {
    it(`is refused with ${what}`, async () => {
      expect(await desk.connect(token(desk)).refused()).to.deep.equal(refusal);
      expect(desk.counted.refusals).to.have.length(1);
    });
  }

  it('is refused with the token of a session that has ended, also again and without asking the engine', async () => {
    const token = desk.token();
    await desk.connect(token).next('session');
    await desk.signOut();
    for (const _attempt of [1, 2]) {
      expect(await desk.connect(token).refused()).to.deep.equal({ code: 'session_ended', reason: 'admin' });
    }
    expect(desk.between.calls('admit')).to.have.length(2);
  });

  it('is refused where its page is of a foreign origin, and let in from an allowed one', async () => {
    await desk.close();
    desk = await Desk.open({ origins: ['https://desk.example'] });
    const from = (origin: string) => desk.connect(desk.token(), { extraHeaders: { origin } });
    expect(await from('https://evil.example').refused()).to.deep.equal({ code: 'origin_denied' });
    expect(await from('null').refused()).to.deep.equal({ code: 'origin_denied' });
    await from('https://desk.example').next('session');
    await from(desk.url).next('session');
  });

  it('is told that the engine is out of reach', async () => {
    desk.between.down();
    expect(await desk.connect(desk.token()).refused()).to.deep.equal({ code: 'unavailable' });
  });

  it('hears of what happened between the answer of the engine and its first session', async () => {
    const elsewhere = await desk.tab();
    const release = desk.between.hold('admit');
    const tab = desk.connect(desk.token());
    await until(() => desk.between.calls('admit').length === 2, 'the opening');
    await desk.pass(DAY - LEAD + SECOND);
    await elsewhere.next('warning');
    expect(tab.received).to.deep.equal([]);
    release();
    await settle();
    await desk.pass(1);
    const { message } = await tab.next('session');
    expect(message.state).to.equal('warning');
  });

  it('is told first what holds when it is open, not what was pushed while it opened', async () => {
    const elsewhere = await desk.tab({ auto_assign: true });
    const release = desk.between.hold('admit');
    const tab = desk.connect(desk.token({ auto_assign: true }));
    await until(() => desk.between.calls('admit').length === 2, 'the opening');
    await desk.say(elsewhere, 'availability', { available: false });
    await elsewhere.next('session', ({ available }) => available === false);
    await meanwhile();
    expect(tab.received).to.deep.equal([]);
    release();
    await settle();
    await desk.pass(1);
    await tab.next('session');
    expect(tab.all('session').at(-1)?.message.available).to.equal(false);
  });

  it('is told its session at once where something was pushed while it opened, also when another opens after it', async () => {
    const elsewhere = await desk.tab({ auto_assign: true });
    const release = desk.between.hold('admit');
    const tab = desk.connect(desk.token({ auto_assign: true }));
    await until(() => desk.between.calls('admit').length === 2, 'the opening');
    await desk.say(elsewhere, 'availability', { available: false });
    await elsewhere.next('session', ({ available }) => available === false);
    const another = desk.connect(desk.token({ auto_assign: true }));
    await until(() => desk.between.calls('admit').length === 3, 'the other opening');
    release();
    await settle();
    await desk.pass(1);
    await another.next('session');
    await tab.next('session');
  });

  it('is told `ended` where the session ended while it was being let in', async () => {
    const release = desk.between.hold('admit');
    const tab = desk.connect(desk.token());
    await until(() => desk.between.calls('admit').length === 1, 'the admission');
    await desk.signOut();
    release();
    await settle();
    await desk.pass(1);
    const { message } = await tab.next('ended');
    expect(message).to.include({ reason: 'admin', endedAt: START });
    await tab.disconnected();
    expect(tab.received).to.have.length(1);
  });

  it('leaves no tab in the engine that closed while it was opening', async () => {
    const release = desk.between.hold('admit');
    const tab = desk.connect(desk.token());
    await until(() => desk.between.calls('admit').length === 1, 'the opening');
    tab.close();
    await until(() => desk.io.engine.clientsCount === 0, 'the tab to leave');
    release();
    await settle();
    await desk.pass(SECOND);
    expect((await desk.engine.agent('acme', 'ada'))?.tabs).to.equal(0);
  });

  it('is filed in the engine, shown and hidden as it says, and taken out when it closes', async () => {
    const tab = await desk.tab();
    await desk.pass(SECOND);
    expect(await desk.engine.agent('acme', 'ada')).to.include({ tabs: 1, visibleTabs: 1 });
    await desk.pass(MINUTE);
    await desk.say(tab, 'focus', { visible: false, focused: false, sinceMs: 5_000 });
    await desk.pass(SECOND);
    expect(await desk.engine.agent('acme', 'ada')).to.include({
      tabs: 1,
      visibleTabs: 0,
      hiddenAt: desk.clock.now() - 6 * SECOND,
    });
    tab.close();
    await until(() => desk.counted.open === 0, 'the tab to leave');
    await desk.pass(SECOND);
    expect(await desk.engine.agent('acme', 'ada')).to.include({ tabs: 0 });
  });

  it('leaves nothing of its token and headers in the memory of the node', async () => {
    await desk.tab();
    const [socket] = [...desk.io.of('/').sockets.values()];
    expect(socket?.handshake).to.deep.include({ auth: {}, headers: {}, query: {}, url: '' });
    expect(socket?.conn.request).to.equal(null);
  });

  it('is disconnected after `expired` when its own token expires, whatever newer token the login has', async () => {
    const sid = 's-1';
    const expiring = await desk.tab({ sid, exp: START / 1_000 + 600 });
    const lasting = await desk.tab({ sid, exp: START / 1_000 + 7_200 });
    await desk.pass(600 * SECOND - 1, { stepMs: SECOND });
    expect(expiring.all('expired')).to.deep.equal([]);
    await desk.pass(1);
    await expiring.next('expired');
    expect(await expiring.disconnected()).to.equal('io server disconnect');
    expect(lasting.socket.connected).to.equal(true);
    await desk.pass(HOUR, { stepMs: MINUTE });
    expect(lasting.all('expired')).to.deep.equal([]);
  });

  it('is one too many where its agent has as many open here as are allowed', async () => {
    await desk.close();
    desk = await Desk.open({ limits: { tabsPerAgent: 2 } });
    await desk.tab();
    const second = await desk.tab();
    expect(await desk.connect(desk.token()).refused()).to.deep.equal({ code: 'rate_limited' });
    await desk.tab({ sub: 'bob' });
    second.close();
    await until(() => desk.counted.open === 2, 'the tab to leave');
    await desk.tab();
  });

  it('counts already while the engine is asked about it', async () => {
    await desk.close();
    desk = await Desk.open({ limits: { tabsPerAgent: 2 } });
    const release = desk.between.hold('admit');
    const first = [desk.connect(desk.token()), desk.connect(desk.token())];
    await until(() => desk.between.calls('admit').length === 2, 'both to be asked about');
    expect(await desk.connect(desk.token()).refused()).to.deep.equal({ code: 'rate_limited' });
    release();
    await settle();
    await desk.pass(1);
    for (const tab of first) await tab.next('session');
  });

  it('is told the policy that was saved while the engine was asked about it', async () => {
    const release = desk.between.hold('admit');
    const tab = desk.connect(desk.token());
    await until(() => desk.between.calls('admit').length === 1, 'the opening');
    const settings = { timeoutSeconds: 3_600, rememberMe: { agent: true, requester: true } };
    await desk.engine.setPolicy({ account: 'acme', settings, by: 'boss' });
    await settle();
    release();
    await settle();
    await desk.pass(1);
    expect((await tab.next('session')).message.timeoutMs).to.equal(HOUR);
  });

  /** What goes out by the connections that come from now on, write by write. */
  function watchWrites(): string[] {
    const writes: string[] = [];
    const { httpServer } = desk.io as unknown as { httpServer: HttpServer };
    httpServer.on('connection', (socket) => {
      const { _writev: several, _write: one } = socket;
      socket._writev = (chunks, done) => {
        writes.push(chunks.map(({ chunk }) => String(chunk)).join(''));
        several!.call(socket, chunks, done);
      };
      socket._write = (chunk, encoding, done) => {
        writes.push(String(chunk));
        one.call(socket, chunk, encoding, done);
      };
    });
    return writes;
  }

  it('costs two writes over websocket: the upgrade with what opens Engine.IO, and what connects with its session', async () => {
    const writes = watchWrites();
    await desk.connect(desk.token(), { transports: ['websocket'] }).next('session');
    expect(writes).to.have.length(2);
    expect(writes[1]).to.match(/40\{.*42\["session"/s);
  });

  it('costs one more when its session ends: the word, Socket.IO’s goodbye and the closing frame', async () => {
    const writes = watchWrites();
    const tab = desk.connect(desk.token({ sid: 's-1' }), { transports: ['websocket'] });
    await tab.next('session');
    const { httpServer } = desk.io as unknown as { httpServer: HttpServer };
    await desk.engine.endSession({ account: 'acme', sid: 's-1' });
    await tab.disconnected();
    await until(async () => (await connectionsOf(httpServer)) === 0, 'its connection to be closed');
    expect(writes).to.have.length(3);
    expect(writes[2]).to.match(/42\["ended".*41/s);
  });
});

function connectionsOf(server: HttpServer): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
}
