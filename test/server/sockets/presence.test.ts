import { expect } from 'chai';
import { until } from '../../support/waiting.ts';
import {
  DAY,
  Desk,
  IDLE_AFTER,
  LEAD,
  LEAVE_GRACE,
  MINUTE,
  meanwhile,
  SECOND,
  START,
  settle,
} from './desk.ts';

describe('a dashboard', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await Desk.open();
  });
  afterEach(async () => {
    await desk.close();
    expect(desk.errors).to.deep.equal([]);
  });

  it('is shown who is there, also itself, without becoming a tab or active by it', async () => {
    await desk.tab({ name: 'Ada', auto_assign: true });
    await desk.tab({ account: 'other', sub: 'eve' });
    await desk.pass(MINUTE / 2);
    const dashboard = await desk.watch({ name: 'The Boss' }).complete();
    expect([...dashboard.rows.keys()].sort()).to.deep.equal(['ada', 'boss']);
    expect(dashboard.rows.get('ada')).to.deep.equal({
      id: 'ada',
      name: 'Ada',
      state: 'active',
      stateSince: START,
      tabs: 1,
      sessions: 1,
      lastActivityAt: START,
      deadlineAt: START + DAY,
      endsAt: START + DAY,
      warned: false,
      available: true,
    });
    expect(dashboard.rows.get('boss')).to.include({ state: 'offline', tabs: 0, name: 'The Boss' });
    expect(dashboard.all('snapshot')).to.have.length(1);
    expect(dashboard.all('snapshot')[0]).to.include({ more: false, serverTime: START + MINUTE / 2 });
    expect(dashboard.counts).to.deep.equal({ active: 1, idle: 0, background: 0, offline: 1 });
    await desk.pass(MINUTE, { stepMs: SECOND });
    expect((await desk.engine.agent('acme', 'boss'))?.lastActivityAt).to.equal(START + MINUTE / 2);
  });

  it('needs the permission to watch, or to manage', async () => {
    expect(await desk.watch({ permissions: [] }).refused()).to.deep.equal({ code: 'forbidden' });
    await desk.watch({ permissions: ['manage_security'] }).complete();
  });

  it('is refused as a tab is', async () => {
    const expired = desk.watch({ exp: START / 1_000 });
    expect(await expired.refused()).to.deep.equal({ code: 'token_expired' });
    desk.between.down();
    expect(await desk.watch().refused()).to.deep.equal({ code: 'unavailable' });
  });

  it('follows an agent who connects, goes idle, hides, leaves and signs out', async () => {
    const dashboard = await desk.watch().complete();
    const tab = await desk.tab();
    await desk.pass(500, { stepMs: 100 });
    await dashboard.shows('ada', { state: 'active', tabs: 1 });
    await desk.pass(IDLE_AFTER, { stepMs: SECOND });
    await dashboard.shows('ada', { state: 'idle', stateSince: START });
    await desk.say(tab, 'activity', { idleMs: 0 });
    await desk.pass(2 * SECOND, { stepMs: 100 });
    await dashboard.shows('ada', { state: 'active' });
    await desk.say(tab, 'focus', { visible: false, focused: false });
    await desk.pass(2 * SECOND, { stepMs: 100 });
    await dashboard.shows('ada', { state: 'background' });
    expect(dashboard.counts).to.deep.equal({ active: 0, idle: 0, background: 1, offline: 1 });
    tab.close();
    await until(() => desk.counted.open === 1, 'the tab to leave');
    await desk.pass(LEAVE_GRACE - SECOND, { stepMs: 100 });
    await settle();
    expect(dashboard.rows.get('ada')?.state, 'in its grace').to.equal('background');
    await desk.pass(2 * SECOND, { stepMs: 100 });
    await dashboard.shows('ada', { state: 'offline', tabs: 0 });
    await desk.signOut();
    await desk.pass(SECOND, { stepMs: 100 });
    await dashboard.lacks('ada');
    expect(dashboard.counts).to.deep.equal({ active: 0, idle: 0, background: 0, offline: 1 });
  });

  it('sees at once what a tab of its node does, where the last message is a second ago', async () => {
    const tab = await desk.tab();
    const dashboard = await desk.watch().complete();
    await desk.pass(10_100, { stepMs: 100 });
    const before = desk.clock.now();
    await desk.say(tab, 'focus', { visible: false, focused: false });
    await desk.pass(400, { stepMs: 50 });
    await dashboard.shows('ada', { state: 'background' });
    expect(dashboard.all('changes').at(-1)!.serverTime - before).to.be.at.most(400);
  });

  it('sees warnings and ends at once, where the last message is a second ago', async () => {
    await desk.tab();
    const dashboard = await desk.watch().complete();
    await desk.pass(DAY - LEAD - 1, { stepMs: 10 * MINUTE });
    await desk.pass(3 * SECOND, { stepMs: SECOND, sweep: false });
    const before = desk.clock.now();
    await desk.engine.sweep();
    await desk.pass(100, { stepMs: 10, sweep: false });
    await dashboard.shows('ada', { warned: true });
    expect(desk.clock.now() - before).to.be.at.most(100);
    await desk.pass(1_500, { stepMs: 100 });
    await desk.signOut();
    await desk.pass(100, { stepMs: 10 });
    await dashboard.lacks('ada');
  });

  it('is told changes at most once a second, however many there are', async () => {
    const tab = await desk.tab();
    const dashboard = await desk.watch().complete();
    for (let i = 0; i < 50; i += 1) {
      await desk.say(tab, 'focus', { visible: i % 2 === 0, focused: false });
      await desk.say(tab, 'activity', { idleMs: 0 });
      await desk.pass(100);
    }
    await meanwhile();
    const times = dashboard.all('changes').map(({ serverTime }) => serverTime);
    expect(times.length).to.be.within(4, 6);
    for (const [i, time] of times.slice(1).entries()) expect(time - times[i]!).to.be.at.least(SECOND);
  });

  it('is told nothing where nothing changes', async () => {
    await desk.tab();
    const dashboard = await desk.watch().complete();
    await desk.pass(2 * IDLE_AFTER, { stepMs: SECOND });
    const before = dashboard.all('changes').length;
    await desk.pass(10 * MINUTE, { stepMs: SECOND });
    await meanwhile();
    expect(dashboard.all('changes').length).to.equal(before);
  });

  it('shares one read of the engine with all that watch the account here, and none once they are gone', async () => {
    await desk.tab();
    const dashboards = await Promise.all([1, 2, 3].map(() => desk.watch().complete()));
    const before = desk.between.calls('changes').length;
    await desk.pass(10 * SECOND, { stepMs: 100 });
    expect(desk.between.calls('changes').length - before).to.be.within(9, 11);
    for (const dashboard of dashboards) dashboard.close();
    await until(() => desk.counted.open === 1, 'all to leave');
    const after = desk.between.calls('changes').length;
    await desk.pass(10 * SECOND, { stepMs: 100 });
    expect(desk.between.calls('changes').length).to.equal(after);
    expect(desk.clock.pending, 'timers of the tab alone').to.be.at.most(4);
  });

  it('is shown what holds now where it comes second, and nothing that is gone', async () => {
    await desk.tab({ sub: 'bob' });
    await desk.tab({ sub: 'ada' });
    await desk.watch().complete();
    await desk.signOut('bob');
    await desk.pass(2 * SECOND, { stepMs: 100 });
    const second = await desk.watch().complete();
    expect([...second.rows.keys()].sort()).to.deep.equal(['ada', 'boss']);
  });

  it('shows every deadline anew when the policy changes', async () => {
    await desk.tab();
    const dashboard = await desk.watch().complete();
    await desk.engine.setPolicy({
      account: 'acme',
      settings: { timeoutSeconds: 3_600, rememberMe: { agent: true, requester: true } },
      by: 'boss',
    });
    await desk.pass(2 * SECOND, { stepMs: 100 });
    await dashboard.shows('ada', { deadlineAt: START + 3_600_000 });
  });

  it('is closed within a second where a newer token of its login lacks the permission', async () => {
    const dashboard = await desk.watch({ sid: 's-1' }).complete();
    const other = await desk.watch({ sid: 's-2' }).complete();
    desk.clock.advance(SECOND);
    await desk.tab({ sub: 'boss', sid: 's-1', permissions: [] });
    expect(await dashboard.disconnected()).to.equal('io server disconnect');
    expect(other.ending).to.equal(undefined);
    expect(await desk.watch({ sid: 's-1', iat: START / 1_000 }).refused()).to.deep.equal({
      code: 'forbidden',
    });
  });

  it('is closed where that happened while it was being let in', async () => {
    const release = desk.between.hold('admit');
    const dashboard = desk.watch({ sid: 's-1' });
    await until(() => desk.between.calls('admit').length === 1, 'the admission');
    const login = desk.between.calls('admit')[0]![0];
    await desk.engine.admit({ ...login, issuedAt: login.issuedAt + 1, permissions: [] });
    release();
    await dashboard.disconnected();
    expect(dashboard.all('snapshot')).to.deep.equal([]);
  });

  it('is told `ended` when its login ends, as its last event, also where that was lost', async () => {
    const dashboard = await desk.watch().complete();
    await desk.signOut('boss');
    await dashboard.disconnected();
    expect(dashboard.all('ended')[0]).to.include({ reason: 'admin', endedAt: START });
    expect(dashboard.received.at(-1)?.event).to.equal('ended');

    const another = await desk.watch().complete();
    desk.losePushes = true;
    await desk.signOut('boss');
    await desk.pass(31 * SECOND, { stepMs: SECOND });
    await another.disconnected();
    expect(another.all('ended')[0]).to.include({ reason: 'admin' });
  });

  it('is told `expired` when its token expires, and `reconnect` when its node goes away', async () => {
    const expiring = await desk.watch({ exp: START / 1_000 + 60 }).complete();
    const lasting = await desk.watch().complete();
    await desk.pass(60 * SECOND, { stepMs: SECOND });
    await expiring.disconnected();
    expect(expiring.received.at(-1)?.event).to.equal('expired');
    await desk.gateway.shutdown();
    await lasting.disconnected();
    expect(lasting.all('reconnect')).to.have.length(1);
  });

  it('that talks back is refused, and disconnected where it goes on', async () => {
    const dashboard = await desk.watch().complete();
    const socket = dashboard.socket as unknown as {
      emitWithAck(...args: unknown[]): Promise<unknown>;
      emit(...args: unknown[]): void;
    };
    expect(await socket.emitWithAck('changes', {})).to.deep.equal({ ok: false, code: 'bad_payload' });
    for (let i = 0; i < 30; i += 1) socket.emit('anything', i);
    await dashboard.disconnected();
    expect(desk.counted.losses).to.deep.equal(['malformed_connection']);
  });

  it('shares its connection with a tab: each leaves for itself', async () => {
    const tab = desk.connect(desk.token({ sub: 'boss', sid: 's-1' }));
    await tab.next('session');
    const dashboard = tab.socket.io.socket('/presence', {
      auth: { token: desk.token({ sub: 'boss', sid: 's-1', permissions: ['view_presence'] }) },
    });
    const shown = new Promise((resolve) => dashboard.once('snapshot', resolve));
    dashboard.connect();
    await shown;
    expect(desk.io.engine.clientsCount).to.equal(1);
    dashboard.disconnect();
    await until(() => desk.counted.open === 1, 'the dashboard to leave');
    expect(await desk.say(tab, 'focus', { visible: true, focused: true })).to.deep.equal({ ok: true });
    const again = new Promise((resolve) => dashboard.once('snapshot', resolve));
    dashboard.connect();
    await again;
  });

  it('that stops reading is cut off, and the others go on', async () => {
    const [reading, stuck] = [await desk.watch().complete(), await desk.watch().complete()];
    const { transport } = stuck.socket.io.engine as unknown as { transport: { ws: { pause(): void } } };
    transport.ws.pause();
    const name = 'x'.repeat(200);
    for (let round = 0; !desk.counted.losses.length; round += 1) {
      expect(round, 'it is cut off at last').to.be.below(200);
      const crowd = Array.from({ length: 2_000 }, (_, i) => ({
        ...crowdMember,
        id: `a-${i}`,
        name,
        tabs: round,
      }));
      desk.engine.changes = async () => ({ cursor: 'x', reset: false, agents: crowd, removed: [] });
      await desk.pass(SECOND);
      await until(() => reading.rows.get('a-1999')?.tabs === round, 'the other to be told', { everyMs: 2 });
    }
    expect(desk.counted.losses).to.deep.equal(['slow_reader']);
    expect(reading.ending).to.equal(undefined);
  });
});

const crowdMember = {
  rev: 1,
  sessions: 1,
  signedOutAt: null,
  lastActivityAt: START,
  warnedAt: null,
  deadlineAt: START + DAY,
  endsAt: START + DAY,
  available: null,
  visibleTabs: 1,
  hiddenAt: null,
  leftAt: null,
  leftVisible: false,
};
