import { expect } from 'chai';
import type { SessionView } from '../../../shared/protocol.ts';
import { openRawTab } from '../../support/raw-socket.ts';
import type { Tab } from '../../support/tab.ts';
import { until } from '../../support/waiting.ts';
import { DAY, Desk, HOUR, LEAD, MINUTE, meanwhile, SECOND, START, settle } from './desk.ts';

const SETTINGS = { timeoutSeconds: 86_400, rememberMe: { agent: true, requester: true } };

describe('what a tab is told', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await Desk.open();
  });
  afterEach(async () => {
    await desk.close();
    expect(desk.errors).to.deep.equal([]);
  });

  const eventsOf = (tab: Tab) => tab.received.map(({ event }) => event);

  it('is `ended` in the tabs of the logins that ended, as their last event, and nothing in others', async () => {
    const [one, two] = [await desk.tab({ sid: 's-1' }), await desk.tab({ sid: 's-1' })];
    const other = await desk.tab({ sid: 's-2' });
    await desk.pass(MINUTE);
    await desk.engine.endSession({ account: 'acme', sid: 's-1' });
    for (const tab of [one, two]) {
      const { message } = await tab.next('ended');
      expect(message).to.include({ reason: 'logout', endedAt: START + MINUTE });
      expect(await tab.disconnected()).to.equal('io server disconnect');
      expect(eventsOf(tab).at(-1)).to.equal('ended');
    }
    await meanwhile();
    expect(eventsOf(other)).not.to.include('ended');
    expect(other.socket.connected).to.equal(true);
  });

  it('is its end before anyone is hung up on who stays, where many end at once', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `agent-${index}`);
    const port = Number(new URL(desk.url).port);
    const tabs = await Promise.all(names.map((sub) => openRawTab(port, desk.token({ sub }))));
    // A look at the time takes a millisecond: one turn of the event loop has enough for a few of them.
    const { monotonic } = desk.clock;
    let spentMs = 0;
    desk.clock.monotonic = () => {
      spentMs += 1;
      return monotonic() + spentMs;
    };
    const ended = tabs.map((tab) => tab.waitForMessage((text) => text.startsWith('42["ended"'), 'its end'));
    await Promise.all(names.map((name) => desk.signOut(name)));
    await Promise.all(ended);
    await settle();
    const staying = tabs.filter(({ isOpen }) => isOpen);
    expect(staying.length).to.be.at.least(30);
    expect(desk.counted.open, 'they count as gone').to.equal(0);
    const [insolent] = staying;
    insolent!.send('42["activity",{"idleMs":0}]');
    await insolent!.closed;
    expect(staying.filter(({ isOpen }) => isOpen)).to.have.length(staying.length - 1);
    await desk.pass(SECOND);
    await Promise.all(tabs.map(({ closed }) => closed));
    expect(desk.between.calls('touch')).to.deep.equal([]);
  });

  it('is no answer that was asked for before another that has been told', async () => {
    const [one, two] = [await desk.tab({ sid: 's-1' }), await desk.tab({ sid: 's-2' })];
    const release = desk.between.hold('sessions');
    await desk.engine.setPolicy({
      account: 'acme',
      settings: { ...SETTINGS, timeoutSeconds: 3_600 },
      by: 'x',
    });
    await until(() => desk.between.calls('sessions').length === 1, 'a first question');
    desk.between.hold('sessions')();
    await desk.pass(MINUTE);
    await desk.engine.touch([{ account: 'acme', agent: 'ada', sid: 's-2', at: START + MINUTE }]);
    // An end that nobody heard of: whoever logs out of it has the node ask again.
    desk.losePushes = true;
    await desk.engine.endSession({ account: 'acme', sid: 's-1' });
    await one.logout();
    await desk.pass(100);
    await two.next('session', ({ lastActivityAt }) => lastActivityAt === START + MINUTE);
    release();
    await desk.pass(SECOND);
    await meanwhile();
    const told = two.all('session').map(({ message }) => message.lastActivityAt);
    expect(told).to.deep.equal([...told].sort());
  });

  it('is the new deadline, in every tab of the account and in no other, when the policy changes', async () => {
    const tabs = [await desk.tab(), await desk.tab({ sub: 'bob' }), await desk.tab({ sub: 'bob' })];
    const stranger = await desk.tab({ account: 'other' });
    await desk.engine.setPolicy({
      account: 'acme',
      settings: { ...SETTINGS, timeoutSeconds: 3_600 },
      by: 'boss',
    });
    for (const tab of tabs) {
      const { message } = await tab.next('session', ({ timeoutMs }) => timeoutMs === HOUR);
      expect(message).to.include({ deadlineAt: START + HOUR, warnAt: START + HOUR - LEAD });
    }
    await meanwhile();
    expect(stranger.all('session')).to.have.length(1);
  });

  it('is each of two policies that follow one another, the last one last', async () => {
    const tab = await desk.tab();
    for (const timeoutSeconds of [3_600, 7_200]) {
      await desk.engine.setPolicy({ account: 'acme', settings: { ...SETTINGS, timeoutSeconds }, by: 'boss' });
    }
    await tab.next('session', ({ timeoutMs }) => timeoutMs === 2 * HOUR);
    await meanwhile();
    expect(tab.all('session').at(-1)?.message.timeoutMs).to.equal(2 * HOUR);
  });

  it('is a warning that was pushed but got lost, within 2 s', async () => {
    const tab = await desk.tab();
    desk.losePushes = true;
    await desk.pass(DAY - LEAD);
    await desk.pass(2 * SECOND, { stepMs: 100 });
    const { message } = await tab.next('session', ({ state }) => state === 'warning');
    expect(message.serverTime).to.be.at.most(START + DAY - LEAD + 2 * SECOND);
  });

  it('is an end that was pushed but got lost, within 2 s', async () => {
    const tab = await desk.tab();
    await desk.pass(DAY - LEAD);
    await tab.next('warning');
    desk.losePushes = true;
    await desk.pass(LEAD, { stepMs: 500 });
    await desk.pass(2 * SECOND, { stepMs: 100 });
    const { message } = await tab.next('ended');
    expect(message).to.include({ reason: 'timeout', endedAt: START + DAY });
    await tab.disconnected();
  });

  it('is looked up again where the engine did not answer the first time', async () => {
    const tab = await desk.tab();
    desk.losePushes = true;
    await desk.pass(DAY - LEAD);
    desk.between.down({ silently: true });
    await desk.pass(2 * SECOND, { stepMs: 100 });
    desk.between.up({ silently: true });
    await desk.pass(2 * SECOND, { stepMs: 100 });
    await tab.next('session', ({ state }) => state === 'warning');
  });

  it('is everything that happened while the engine was away, once it is back', async () => {
    const [lost, kept] = [await desk.tab({ sid: 's-1' }), await desk.tab({ sid: 's-2' })];
    desk.losePushes = true;
    desk.between.down();
    await desk.engine.endSession({ account: 'acme', sid: 's-1' });
    await desk.engine.setPolicy({
      account: 'acme',
      settings: { ...SETTINGS, timeoutSeconds: 3_600 },
      by: 'boss',
    });
    desk.losePushes = false;
    desk.between.up();
    await lost.next('ended');
    await kept.next('session', ({ timeoutMs }) => timeoutMs === HOUR);
  });

  it('is to come again, where the engine does not know its login any more', async () => {
    const tab = await desk.tab();
    desk.between.engine.sessions = async (logins) => logins.map(() => null);
    desk.between.down();
    desk.between.up();
    await tab.next('reconnect');
    await tab.disconnected();
    expect(eventsOf(tab)).not.to.include('ended');
  });

  it('is to try another node, once a lead, where the engine stays out of reach for more than 20 s', async () => {
    const tab = await desk.tab();
    desk.between.down();
    await desk.pass(20 * SECOND - 1, { stepMs: 500, sweep: false });
    await meanwhile();
    expect(tab.all('reconnect')).to.deep.equal([]);
    await desk.pass(1, { sweep: false });
    const { message } = await tab.next('reconnect');
    expect(message.afterMs).to.be.within(0, 3_000);
    await desk.pass(LEAD - 1, { stepMs: SECOND, sweep: false });
    await meanwhile();
    expect(tab.all('reconnect')).to.have.length(1);
    await desk.pass(1, { sweep: false });
    await tab.next('reconnect');
  });

  it('is the answer to its logout, then `ended`; other logins stay', async () => {
    const tab = await desk.tab({ sid: 's-1' });
    const other = await desk.tab({ sid: 's-2' });
    const order: unknown[] = [];
    tab.socket.on('ended', ({ reason }) => order.push(reason));
    tab.socket.emit('logout', {}, (answer) => order.push(answer));
    await tab.next('ended');
    expect(order).to.deep.equal([{ ok: true }, 'logout']);
    await tab.disconnected();
    expect(other.socket.connected).to.equal(true);
  });

  it('is `ended` also where it logs out of what had ended without its hearing', async () => {
    const tab = await desk.tab({ sid: 's-1' });
    desk.losePushes = true;
    await desk.engine.endSession({ account: 'acme', sid: 's-1' });
    expect(await desk.say(tab, 'logout', {})).to.deep.equal({ ok: true });
    await desk.pass(1);
    await tab.next('ended');
  });

  it('is in all tabs that the agent made themselves available or not', async () => {
    const [one, two] = [await desk.tab({ auto_assign: true }), await desk.tab({ auto_assign: true })];
    expect(await desk.say(one, 'availability', { available: false })).to.deep.equal({
      ok: true,
      available: false,
    });
    for (const tab of [one, two]) await tab.next('session', ({ available }) => available === false);
  });

  it('is why availability cannot be set', async () => {
    const tab = await desk.tab();
    expect(await desk.say(tab, 'availability', { available: true })).to.deep.equal({
      ok: false,
      code: 'not_participating',
    });
    desk.between.down({ silently: true });
    expect(await desk.say(tab, 'availability', { available: true })).to.deep.equal({
      ok: false,
      code: 'unavailable',
    });
    expect(await desk.say(tab, 'logout', {})).to.deep.equal({ ok: false, code: 'unavailable' });
    expect(tab.socket.connected).to.equal(true);
  });

  it('answers a request before `ended`, where the session ends while it is under way', async () => {
    const tab = await desk.tab({ auto_assign: true });
    const release = desk.between.hold('setAvailability');
    const answer = desk.say(tab, 'availability', { available: false });
    await until(() => desk.between.calls('setAvailability').length === 1, 'the request');
    await desk.signOut();
    expect(await answer).to.deep.equal({ ok: false, code: 'session_ended' });
    await tab.next('ended');
    release();
    await settle();
    expect(eventsOf(tab).at(-1)).to.equal('ended');
  });
});

/** The session as a tab was told it last. */
async function _view(desk: Desk, tab: Tab): Promise<SessionView> {
  await settle();
  const { serverTime, ...session } = tab.all('session').at(-1)!.message;
  expect(serverTime).to.be.at.most(desk.clock.now());
  return session;
}
