import { expect } from 'chai';
import type { Push } from '../../../server/engine/engine.ts';
import { until } from '../../support/waiting.ts';
import { DAY, Desk, meanwhile, SECOND, START, view } from './desk.ts';

describe('the `rev` of what a tab is told', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await Desk.open();
  });
  afterEach(async () => {
    await desk.close();
    expect(desk.errors).to.deep.equal([]);
  });

  it('is the end with a `rev` that no tab drops for being old', async () => {
    const one = await desk.tab({ sid: 's-1' });
    await desk.gateway.relay({
      account: 'acme',
      agent: 'ada',
      events: [],
      pushes: [
        { type: 'warning', rev: 1_000, deadlineAt: START + DAY, endsAt: START + DAY },
        { type: 'ended', rev: 999, sids: ['s-1'], reason: 'logout', endedAt: START },
      ],
    });
    expect((await one.next('ended')).message.rev).to.equal(1_000);
  });

  it('is, after the end of another login, what came before that end and was not heard', async () => {
    const [one, two] = [await desk.tab({ sid: 's-1' }), await desk.tab({ sid: 's-2', auto_assign: true })];
    const relay = (push: Push) =>
      desk.gateway.relay({ account: 'acme', agent: 'ada', events: [], pushes: [push] });
    const { rev } = await view(desk, two);
    desk.losePushes = true;
    const by = { cause: 'admin', id: 'boss' } as const;
    await desk.engine.setAvailability({ account: 'acme', agent: 'ada', available: false, by });
    await desk.engine.endSession({ account: 'acme', sid: 's-1' });
    await relay({ type: 'ended', rev: rev + 2, sids: ['s-1'], reason: 'logout', endedAt: START });
    await one.next('ended');
    await desk.pass(100);
    await two.next('session', ({ available }) => available === false);
  });

  it('is nothing that is older than what was told', async () => {
    const tab = await desk.tab();
    const session = await view(desk, tab);
    const push = (rev: number) =>
      desk.gateway.relay({
        account: 'acme',
        agent: 'ada',
        events: [],
        pushes: [{ type: 'session', session: { ...session, rev, timeoutMs: rev } }],
      });
    await push(session.rev + 2);
    await push(session.rev + 1);
    await push(session.rev + 3);
    await tab.next('session', ({ rev }) => rev === session.rev + 3);
    expect(tab.all('session').map(({ message }) => message.rev)).to.deep.equal([
      session.rev,
      session.rev + 2,
      session.rev + 3,
    ]);
    expect(desk.counted.losses).to.deep.equal(['stale_push']);
  });

  it('is no second word of one `rev`: the engine is asked, and says something newer', async () => {
    const tab = await desk.tab();
    const session = await view(desk, tab);
    const relay = (push: Push) =>
      desk.gateway.relay({ account: 'acme', agent: 'ada', events: [], pushes: [push] });
    // What two servers say that both take themselves for the master.
    await relay({ type: 'session', session: { ...session, rev: session.rev + 1 } });
    await relay({ type: 'warning', rev: session.rev + 1, deadlineAt: START + DAY, endsAt: START + DAY });
    expect(desk.counted.losses).to.deep.equal(['stale_push']);
    await desk.pass(100);
    await until(() => desk.between.calls('sessions').length === 1, 'a question');
    await meanwhile();
    expect(tab.all('warning')).to.deep.equal([]);
  });

  it('is no resumption that comes after what was typed since it: the last activity would move back', async () => {
    const tab = await desk.tab();
    const session = await view(desk, tab);
    const push = (rev: number, lastActivityAt: number) =>
      desk.gateway.relay({
        account: 'acme',
        agent: 'ada',
        events: [],
        pushes: [{ type: 'session', session: { ...session, rev, lastActivityAt } }],
      });
    await push(session.rev + 1, START + 2 * SECOND);
    await push(session.rev + 1, START + SECOND);
    await push(session.rev + 2, START + 2 * SECOND);
    await tab.next('session', ({ rev }) => rev === session.rev + 2);
    const told = tab.all('session').map(({ message }) => message.lastActivityAt);
    expect(told).to.deep.equal([session.lastActivityAt, START + 2 * SECOND, START + 2 * SECOND]);
    expect(desk.counted.losses).to.deep.equal(['stale_push']);
  });

  it('is no answer with a lower one, unless the engine keeps to it for 2 s', async () => {
    const tab = await desk.tab();
    const session = await view(desk, tab);
    const push: Push = { type: 'session', session: { ...session, rev: session.rev + 5 } };
    await desk.gateway.relay({ account: 'acme', agent: 'ada', events: [], pushes: [push] });
    await tab.next('session', ({ rev }) => rev === session.rev + 5);
    const settings = { timeoutSeconds: 3_600, rememberMe: { agent: true, requester: true } };
    await desk.engine.setPolicy({ account: 'acme', settings, by: 'boss' });
    await desk.pass(1_500, { stepMs: 100 });
    await meanwhile();
    expect(tab.all('session').at(-1)?.message.rev).to.equal(session.rev + 5);
    await desk.pass(SECOND, { stepMs: 100 });
    await tab.next('session', ({ rev, timeoutMs }) => rev === session.rev && timeoutMs === 3_600_000);
  });

  it('has the engine asked again where that failed', async () => {
    const tab = await desk.tab();
    const session = await view(desk, tab);
    const relay = (push: Push) =>
      desk.gateway.relay({ account: 'acme', agent: 'ada', events: [], pushes: [push] });
    desk.between.down({ silently: true });
    await relay({ type: 'warning', rev: session.rev, deadlineAt: START + DAY, endsAt: START + DAY });
    await desk.pass(100);
    desk.between.up({ silently: true });
    await desk.pass(2 * SECOND);
    expect(desk.between.calls('sessions')).to.have.length(1);
    await meanwhile();
    expect(tab.all('warning')).to.deep.equal([]);
  });
});
