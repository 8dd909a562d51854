import { expect } from 'chai';
import type { Emission } from '../../../../server/engine/engine.ts';
import { Partitions } from '../../../../server/engine/redis/partitions.ts';
import { openLink } from '../../../../server/redis/open-link.ts';
import { HOUR, MINUTE, SECOND, START } from '../../../contract/engine/harness.ts';
import type { TestClock } from '../../../support/clock.ts';
import type { RedisServer } from '../../../support/redis.ts';
import { STRICT } from '../../../support/redis-engine.ts';
import { loginOf, type NodeUnderTest, nodesOnRedis, pass } from './node-under-test.ts';

const COPY = `for _, key in ipairs(redis.call('KEYS', '*')) do redis.call('COPY', key, key, 'DB', 1, 'REPLACE') end`;

describe('a failover to a Redis that lacks the last moments', () => {
  const on = nodesOnRedis({ deliver: true });
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

  /** The replica has got this far. */
  async function replicate(): Promise<void> {
    await redis.command('EVAL', COPY, '0');
  }

  /** It takes over; the nodes notice that the server has failed. */
  async function failOver(...nodes: NodeUnderTest[]): Promise<void> {
    await redis.command('SWAPDB', '0', '1');
    for (const node of nodes) {
      node.deafen();
      await node.engine.ping().catch(() => {});
      node.hear();
    }
  }

  const endsIn = async (node: NodeUnderTest) => {
    const events = await node.engine.events('acme', { limit: 100, after: '' });
    return events.filter(({ type }) => type === 'session.ended');
  };
  const revsIn = (told: Emission[]) => {
    const revs: Record<string, number[]> = {};
    for (const { agent, pushes } of told) {
      for (const push of pushes) {
        const rev = push.type === 'session' ? push.session.rev : 'rev' in push ? push.rev : undefined;
        if (agent !== null && rev !== undefined) revs[agent] = [...(revs[agent] ?? []), rev];
      }
    }
    return revs;
  };
  const pushesOf = (told: Emission[]) => told.flatMap(({ pushes }) => pushes);

  it('gets its last ends again, as they were and with their ids, before anything else is done', async () => {
    const login = await loggedIn(a, 'ann', { autoAssign: true });
    await replicate();
    clock.advance(SECOND);
    await a.engine.signOut({ account: 'acme', agent: 'ann', by: 'boss' });
    const before = await a.engine.events('acme', { limit: 100, after: '' });
    await failOver(a);
    clock.advance(2 * SECOND);
    expect(await a.engine.admit(login)).to.deep.equal({ ok: false, code: 'session_ended', reason: 'admin' });
    const ended = { state: 'ended', reason: 'admin', endedAt: START + SECOND };
    expect(await a.engine.sessions([login])).to.deep.equal([ended]);
    expect(await b.engine.events('acme', { limit: 100, after: '' })).to.deep.equal(before);
    expect(before.map(({ type }) => type)).to.include.members(['session.ended', 'agent.unavailable']);
    expect(await a.engine.agent('acme', 'ann')).to.include({ sessions: 0, available: false });
    await pass(clock, 2 * HOUR, [a]);
    expect(await endsIn(a)).to.have.length(1);
  });

  it('gets them from any node that was told, where the one that did it is gone', async () => {
    const login = await loggedIn(a, 'ann');
    await replicate();
    await a.engine.endSession({ account: 'acme', sid: login.sid });
    const before = await endsIn(a);
    for (const emission of a.told) b.engine.heard(emission);
    a.kill();
    await failOver(b);
    expect(await b.engine.admit(login)).to.include({ ok: false, reason: 'logout' });
    expect(await endsIn(b)).to.deep.equal(before);
  });

  it('tells the tabs again, and those who take events the same ones', async () => {
    await loggedIn(a, 'ann');
    const [claim] = await a.engine.deliveries.claim({ limit: 1, leaseMs: MINUTE });
    const settled = { failing: null, retryInMs: 0, oldestAt: clock.now(), dead: [], resent: [] };
    await a.engine.deliveries.settle({ ...settled, ...claim!, upTo: claim!.last, account: 'acme' });
    await replicate();
    await a.engine.signOut({ account: 'acme', agent: 'ann', by: 'boss' });
    const [end] = await endsIn(a);
    await failOver(a);
    await loggedIn(a, 'bob');
    const pushed = pushesOf(a.told).filter(({ type }) => type === 'ended');
    expect(pushed).to.have.length(2);
    expect(pushed[1]).to.include({ endedAt: START, reason: 'admin' });
    const [owed] = await b.engine.deliveries.claim({ limit: 1, leaseMs: MINUTE });
    const events = await b.engine.events('acme', { limit: 100, after: owed!.after });
    expect(events.map(({ id }) => id)).to.include(end!.id);
  });

  it('keeps the order of events also where others were written before it was noticed', async () => {
    await loggedIn(a, 'ann');
    await replicate();
    clock.advance(SECOND);
    await a.engine.signOut({ account: 'acme', agent: 'ann', by: 'boss' });
    const [end] = await endsIn(a);
    await failOver(a);
    clock.advance(SECOND);
    // A node that knows nothing of what was lost.
    await loggedIn(b, 'bob');
    await b.engine.endSession({ account: 'acme', sid: 'sid of bob' });
    await a.engine.sweep();
    const ids = (await b.engine.events('acme', { limit: 100, after: '' })).map(({ id }) => id);
    expect(ids).to.deep.equal([...ids].sort());
    expect(ids).to.include(end!.id);
    expect(await endsIn(b)).to.have.length(2);
    await loggedIn(b, 'cem');
    expect(await a.engine.events('acme', { limit: 100, after: ids.at(-1)! })).to.have.length(1);
  });

  it('repeats nothing where nothing was lost, nor what is older than 10 s', async () => {
    await loggedIn(a, 'ann');
    await replicate();
    await a.engine.signOut({ account: 'acme', agent: 'ann', by: 'boss' });
    await pass(clock, 11 * SECOND, [a]);
    await failOver(a);
    expect(await a.engine.session('acme', 'sid of ann')).to.include({ live: true });
    await a.engine.signOut({ account: 'acme', agent: 'ann', by: 'boss' });
    await replicate();
    const told = a.told.length;
    await failOver(a, b);
    await a.engine.sweep();
    await b.engine.sweep();
    expect(a.told).to.have.length(told);
    expect(await endsIn(a)).to.have.length(1);
  });

  it('ends the rest of an agent’s logins, too, where one has ended otherwise since', async () => {
    const first = await loggedIn(a, 'ann');
    const second = await loggedIn(a, 'ann', { sid: 'elsewhere' });
    await replicate();
    await a.engine.signOut({ account: 'acme', agent: 'ann', by: 'boss' });
    const [end] = await endsIn(a);
    await failOver(a);
    // A node that knows nothing of what was lost.
    await b.engine.endSession({ account: 'acme', sid: first.sid });
    const states = await a.engine.sessions([first, second]);
    expect(states).to.have.nested.property('[0].reason', 'logout');
    expect(states).to.have.nested.property('[1].reason', 'admin');
    expect((await endsIn(a)).map(({ id }) => id)).to.include(end!.id);
    expect(await a.engine.agent('acme', 'ann')).to.include({ sessions: 0 });
  });

  it('leaves alone who logged in anew, and another login of the agent', async () => {
    const first = await loggedIn(a, 'ann');
    const second = await loggedIn(a, 'ann', { sid: 'elsewhere' });
    await replicate();
    await a.engine.endSession({ account: 'acme', sid: first.sid });
    await failOver(a);
    const fresh = await loggedIn(a, 'ann', { sid: 'anew' });
    const states = await a.engine.sessions([first, second, fresh]);
    expect(states.map((state) => state?.state)).to.deep.equal(['ended', 'active', 'active']);
    expect(await a.engine.agent('acme', 'ann')).to.include({ sessions: 2 });
  });

  it('gets its last ends again however long it took, and with a policy to put back as well', async () => {
    const settings = { timeoutSeconds: 900, rememberMe: { agent: false, requester: true } };
    const login = await loggedIn(a, 'ann');
    await replicate();
    clock.advance(SECOND);
    await a.engine.setPolicy({ account: 'acme', settings, by: 'boss' });
    await a.engine.policy('acme');
    await a.engine.signOut({ account: 'acme', agent: 'ann', by: 'boss' });
    await failOver(a);
    clock.advance(15 * SECOND);
    expect(await a.engine.admit(login)).to.include({ ok: false, reason: 'admin' });
  });

  it('gets its last ends again also from a node that has heard of later ones meanwhile', async () => {
    const login = await loggedIn(a, 'ann');
    await replicate();
    await a.engine.signOut({ account: 'acme', agent: 'ann', by: 'boss' });
    await failOver(a);
    clock.advance(15 * SECOND);
    // A node that knows nothing of what was lost is back first.
    await loggedIn(b, 'bob');
    await b.engine.endSession({ account: 'acme', sid: 'sid of bob' });
    for (const emission of b.told) a.engine.heard(emission);
    expect(await a.engine.admit(login)).to.include({ ok: false, reason: 'admin' });
  });

  it('gets its last ends again where it is full and takes no policy', async () => {
    const settings = { timeoutSeconds: 900, rememberMe: { agent: false, requester: true } };
    const c = await open({ log: { ...STRICT, error: () => {} } });
    const login = await loggedIn(c, 'ann');
    await replicate();
    clock.advance(SECOND);
    await c.engine.setPolicy({ account: 'acme', settings, by: 'boss' });
    await c.engine.policy('acme');
    await c.engine.signOut({ account: 'acme', agent: 'ann', by: 'boss' });
    await failOver(c);
    on.cleanup.defer(() => redis.command('CONFIG', 'SET', 'maxmemory', '0'));
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    expect(await c.engine.admit(login)).to.include({ ok: false, reason: 'admin' });
  });

  it('keeps nobody busy whose own server answers, as long as another is away', async () => {
    const partitions = new Partitions(4);
    const elsewhere = partitions.of('acme') === 0 ? '{1}' : '{0}';
    const accounts = Array.from({ length: 20 }, (_, n) => `account ${n}`);
    const account = accounts.find((name) => elsewhere === `{${partitions.of(name)}}`)!;
    let isAway = false;
    let repeats = 0;
    const c = await open({
      async openLink(target) {
        const link = await openLink(target);
        return {
          send(key, words) {
            if (isAway && key.includes(elsewhere)) return Promise.reject(new Error('away'));
            if (words.some((word) => word.includes('sid of ann'))) repeats += 1;
            return link.send(key, words);
          },
          close: () => link.close(),
        };
      },
    });
    await loggedIn(c, 'ann');
    await c.engine.endSession({ account: 'acme', sid: 'sid of ann' });
    isAway = true;
    repeats = 0;
    for (let n = 0; n < 20; n += 1) {
      await c.engine.agent(account, 'bob').catch(() => {});
      await c.engine.agent('acme', 'bob');
    }
    expect(repeats).to.equal(1);
  });

  it('gives what comes in the place of lost transitions a newer rev than these had', async () => {
    const login = await loggedIn(a, 'ann');
    await pass(clock, MINUTE, [a]);
    await replicate();
    await loggedIn(a, 'ann', { sid: 'elsewhere' });
    await loggedIn(a, 'bob');
    const told = revsIn(a.told);
    // Also for a node that only heard of them.
    for (const emission of a.told) b.engine.heard(emission);
    a.kill();
    await failOver(b);
    const [session] = await b.engine.sessions([login]);
    expect((session as { rev: number }).rev).to.be.greaterThan(Math.max(...told.ann!));
    expect(revsIn(b.told).ann).to.deep.equal([(session as { rev: number }).rev]);
    const again = await b.engine.admit(loginOf('bob', clock.now()));
    expect(again.ok && again.session.rev).to.be.greaterThan(Math.max(...told.bob!));
  });

  it('gets input of them back, also of a tab that has closed since', async () => {
    const login = await loggedIn(a, 'ann');
    await a.engine.admit(login, 't1');
    await replicate();
    clock.advance(SECOND);
    await a.engine.touch([{ ...login, at: clock.now() }]);
    await a.engine.updateTabs([{ ...login, tab: 't1', visible: null, at: clock.now() }]);
    await failOver(a);
    expect((await a.engine.sessions([login]))[0]).to.include({ lastActivityAt: START + SECOND });
  });

  it('gets a policy back that was saved in them', async () => {
    const settings = { timeoutSeconds: 900, rememberMe: { agent: false, requester: true } };
    await a.engine.policy('acme');
    await replicate();
    clock.advance(SECOND);
    const { policy } = await a.engine.setPolicy({ account: 'acme', settings, by: 'boss' });
    await failOver(a);
    expect(await a.engine.policy('acme')).to.deep.equal(policy);
  });
});
