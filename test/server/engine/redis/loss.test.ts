import { expect } from 'chai';
import { EngineUnavailable } from '../../../../server/engine/engine.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../contract/engine/harness.ts';
import type { TestClock } from '../../../support/clock.ts';
import type { RedisServer } from '../../../support/redis.ts';
import { loginOf, type NodeUnderTest, nodesOnRedis, openNode, pass } from './node-under-test.ts';

describe('a Redis that comes back empty', () => {
  const on = nodesOnRedis();
  const { open, loggedIn } = on;
  let redis: RedisServer;
  let clock: TestClock;
  let a: NodeUnderTest;
  let b: NodeUnderTest;

  beforeEach(async () => {
    ({ redis, clock } = on);
    a = await open();
    b = await open();
  });

  async function lose(): Promise<void> {
    await redis.command('FLUSHALL');
  }

  const pushes = (node: NodeUnderTest) => node.told.flatMap((emission) => emission.pushes);

  const settings = (timeoutSeconds: number) => ({
    timeoutSeconds,
    rememberMe: { agent: false, requester: true },
  });

  it('gets back the newest policies that any node has seen, never the default', async () => {
    const save = (node: NodeUnderTest, account: string, seconds: number) =>
      node.engine.setPolicy({ account, settings: settings(seconds), by: 'boss' });
    await save(a, 'acme', 900);
    await save(a, 'other', 1_800);
    await pass(clock, SECOND, [a, b]);
    const { policy } = await save(b, 'acme', 1_200);
    await pass(clock, SECOND, [a, b]);
    const other = await a.engine.policy('other');
    b.kill();
    await lose();
    expect(await a.engine.policy('acme')).to.deep.equal(policy);
    expect(await a.engine.policy('other')).to.deep.equal(other);
    // Also for a node that comes later and knows nothing itself.
    const late = await open();
    expect(await late.engine.policy('acme')).to.deep.equal(policy);
  });

  it('lets whoever has an open tab stay, with what their node knows of them', async () => {
    const login = await loggedIn(a, 'ann', { name: 'Ann', autoAssign: true, permissions: ['view_presence'] });
    const opened = await a.engine.admit(login, 't1');
    await a.engine.updateTabs([{ ...login, tab: 't1', visible: true, at: clock.now() }]);
    clock.advance(10 * MINUTE);
    await a.engine.touch([{ ...login, at: clock.now() }]);
    const at = clock.now();
    await pass(clock, 2 * SECOND, [a, b]);
    await lose();
    await pass(clock, SECOND, [b, a]);
    const [seen] = await b.engine.sessions([login]);
    expect(seen).to.deep.include({
      state: 'active',
      lastActivityAt: at,
      deadlineAt: at + DAY,
      available: true,
    });
    // What the tab was told before is older than what it is told from now on.
    expect((seen as { rev: number }).rev).to.be.greaterThan(opened.ok ? opened.session.rev : Number.NaN);
    expect(await b.engine.agent('acme', 'ann')).to.include({
      name: 'Ann',
      tabs: 1,
      visibleTabs: 1,
      sessions: 1,
    });
    expect(await b.engine.admit(login)).to.deep.include({ ok: true, permissions: ['view_presence'] });
  });

  it('refuses any other login that is older than the loss, once every node could speak for it', async () => {
    const login = await loggedIn(a, 'ann');
    await pass(clock, MINUTE, [a, b]);
    await lose();
    const early = await a.engine.admit(login).catch((error: unknown) => error);
    expect(early).to.be.instanceOf(EngineUnavailable);
    expect(String((early as Error).cause), 'no fault of anybody').to.match(/RECOVERING/);
    expect(await a.engine.admit(login, 't1').catch((error: unknown) => error)).to.be.instanceOf(
      EngineUnavailable,
    );
    await pass(clock, 6 * SECOND, [a, b]);
    const refusal = { ok: false, code: 'session_ended', reason: 'lost' };
    expect(await a.engine.admit(login)).to.deep.equal(refusal);
    expect(await b.engine.admit(login)).to.deep.equal(refusal);
    expect(await b.engine.admit(login, 't1')).to.include({ ok: false, reason: 'lost' });
    await pass(clock, HOUR, [a]);
    expect(await b.engine.admit(login)).to.deep.equal(refusal);
  });

  it('lets whoever stays be as available as was told last, by whatever node', async () => {
    const by = { cause: 'agent', id: 'ann' } as const;
    const login = await loggedIn(a, 'ann', { autoAssign: true });
    await a.engine.admit(login, 't1');
    await b.engine.setAvailability({ account: 'acme', agent: 'ann', available: false, by });
    for (const emission of b.told) a.engine.heard(emission);
    await pass(clock, SECOND, [a, b]);
    await lose();
    await pass(clock, SECOND, [a, b]);
    expect(await a.engine.agent('acme', 'ann')).to.include({ available: false });
  });

  it('puts off a login of long ago, too, until every node could speak for it: its tab may be open elsewhere', async () => {
    const login = await loggedIn(b, 'ann');
    await b.engine.admit(login, 't1');
    await pass(clock, SECOND, [a, b]);
    clock.advance(2 * DAY);
    await b.engine.touch([{ ...login, at: clock.now() }]);
    await lose();
    await a.engine.sweep();
    expect(await a.engine.admit(login).catch((error: unknown) => error)).to.be.instanceOf(EngineUnavailable);
    await b.engine.sweep();
    expect(await a.engine.admit(login)).to.deep.include({ ok: true });
  });

  it('refuses a sid that had ended before the loss', async () => {
    const login = await loggedIn(a, 'ann');
    clock.advance(SECOND);
    await a.engine.endSession({ account: 'acme', sid: login.sid });
    await lose();
    await pass(clock, 6 * SECOND, [a, b]);
    expect((await a.engine.admit(login)).ok).to.equal(false);
  });

  it('is told nothing of a tab whose end overtook the answer to its opening', async () => {
    const login = await loggedIn(a, 'ann');
    await b.engine.endSession({ account: 'acme', sid: login.sid });
    const [end] = b.told.slice(-1);
    const late = await loggedIn(a, 'bob');
    a.engine.heard({
      ...end!,
      agent: 'bob',
      pushes: [{ ...(end!.pushes[0] as object), sids: [late.sid] } as never],
    });
    await a.engine.admit(late, 't1');
    // Its socket has heard that it ended, and closes.
    await a.engine.updateTabs([{ ...late, tab: 't1', visible: null, at: clock.now() }]);
    await b.engine.endSession({ account: 'acme', sid: late.sid });
    await pass(clock, 11 * SECOND, [a, b]);
    await lose();
    await pass(clock, 6 * SECOND, [a, b]);
    expect(await a.engine.admit(late)).to.include({ ok: false, reason: 'lost' });
  });

  it('is told nothing of a login that a node has found ended, though it was not told', async () => {
    const login = await loggedIn(a, 'ann');
    await a.engine.admit(login, 't1');
    await b.engine.endSession({ account: 'acme', sid: login.sid });
    expect((await a.engine.sessions([login]))[0]).to.include({ state: 'ended' });
    await pass(clock, 11 * SECOND, [a, b]);
    await lose();
    await pass(clock, 6 * SECOND, [a, b]);
    expect(await a.engine.admit(login)).to.include({ ok: false, reason: 'lost' });
  });

  it('takes logins from after it, also those from while Redis was away', async () => {
    await pass(clock, MINUTE, [a, b]);
    clock.advance(5 * MINUTE);
    const duringOutage = loginOf('ann', clock.now());
    clock.advance(5 * MINUTE);
    await lose();
    await pass(clock, SECOND, [a, b]);
    expect((await a.engine.admit(duringOutage)).ok).to.equal(true);
    expect((await b.engine.admit(loginOf('bob', clock.now()))).ok).to.equal(true);
  });

  it('ends nobody who is vouched for without a whole lead of warning', async () => {
    const login = await loggedIn(a, 'ann');
    await a.engine.admit(login, 't1');
    await a.engine.sweep();
    clock.advance(2 * DAY);
    await lose();
    await a.engine.sweep();
    await a.engine.sweep();
    const [seen] = await a.engine.sessions([login]);
    expect(seen).to.deep.include({ state: 'warning', endsAt: clock.now() + MINUTE });
  });

  it('tells a resumption where one node vouches after another, who knew of less, had them warned', async () => {
    const login = await loggedIn(a, 'ann');
    await a.engine.admit(login, 't1');
    await b.engine.admit(login, 't2');
    clock.advance(DAY - MINUTE);
    await b.engine.touch([{ ...login, at: clock.now() }]);
    await lose();
    await a.engine.sweep();
    const warning = pushes(a).find(({ type }) => type === 'warning') as { rev: number };
    await b.engine.sweep();
    const resumed = pushes(b).find(({ type }) => type === 'session') as { session: { rev: number } };
    expect(resumed.session).to.include({ state: 'active', lastActivityAt: clock.now() });
    expect(resumed.session.rev).to.be.greaterThan(warning.rev);
    expect(b.events('session.resumed')).to.have.length(1);
  });

  for (const order of ['after', 'before'])
    for (const [which, sid] of [
      ['the same login', 'sid of ann'],
      ['another login', 'another sid'],
    ] as const) {
      it(`is told what was typed in tabs that have closed since, ${order} others vouch for ${which}`, async () => {
        const login = await loggedIn(a, 'ann');
        const typing = { ...login, sid };
        await a.engine.admit(login, 't1');
        await b.engine.admit(typing, 't2');
        await pass(clock, MINUTE, [a, b]);
        await b.engine.touch([{ ...typing, at: clock.now() }]);
        const typedAt = clock.now();
        await lose();
        if (order === 'after') await a.engine.sweep();
        // It closes before its node has met the loss: the node can vouch for it no more.
        await b.engine.updateTabs([{ ...typing, tab: 't2', visible: null, at: clock.now() }]).catch(() => {});
        await pass(clock, 6 * SECOND, [b, a]);
        const [seen, other] = await a.engine.sessions([login, typing]);
        expect(seen).to.include({ state: 'active', lastActivityAt: typedAt });
        if (typing.sid !== login.sid) expect(other).to.equal(null);
      });
    }

  it('is told of nothing but input by a node whose tabs of the login have closed', async () => {
    const login = await loggedIn(a, 'ann');
    await a.engine.admit(login, 't1');
    await a.engine.updateTabs([{ ...login, tab: 't1', visible: null, at: clock.now() }]);
    await pass(clock, SECOND, [a]);
    await lose();
    await pass(clock, 6 * SECOND, [a]);
    expect(await a.engine.admit(login)).to.include({ ok: false, reason: 'lost' });
  });

  it('is noticed by a node that knew it, also where a new one has begun to use it', async () => {
    const login = await loggedIn(a, 'ann');
    await a.engine.admit(login, 't1');
    const gone = await loggedIn(a, 'bob');
    await pass(clock, SECOND, [a]);
    await lose();
    const fresh = await open();
    await fresh.engine.admit(loginOf('cem', clock.now()));
    await pass(clock, 6 * SECOND, [a, fresh]);
    expect((await fresh.engine.sessions([login]))[0]).to.include({ state: 'active' });
    expect(await fresh.engine.admit(gone)).to.include({ ok: false, reason: 'lost' });
    expect(await fresh.engine.session('acme', 'sid of cem')).to.include({ live: true });
  });

  it('agrees again with the nodes on their settings', async () => {
    await lose();
    await a.engine.sweep();
    const target = { kind: 'single', url: redis.url } as const;
    const refused = await openNode({ target, clock, timeSource: clock.now, leadMs: 30_000 }).catch(
      (error: unknown) => error,
    );
    expect(refused).to.have.property('name', 'EngineMismatch');
  });
});
