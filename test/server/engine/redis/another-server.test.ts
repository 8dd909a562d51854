import { expect } from 'chai';
import type { Login } from '../../../../server/engine/engine.ts';
import { openLink } from '../../../../server/redis/open-link.ts';
import type { SessionView } from '../../../../shared/protocol.ts';
import { DEFAULT_TIMEOUT, LEAD, SECOND } from '../../../contract/engine/harness.ts';
import type { TestClock } from '../../../support/clock.ts';
import type { RedisServer } from '../../../support/redis.ts';
import { loginOf, type NodeUnderTest, nodesOnRedis, pass } from './node-under-test.ts';

const COPY = `for _, key in ipairs(redis.call('KEYS', '*')) do redis.call('COPY', key, key, 'DB', 1, 'REPLACE') end`;
const RENAME = `for _, key in ipairs(redis.call('KEYS', '*:clock')) do redis.call('HSET', key, 'server', 'the one before') end`;

describe('another server in the place of the one that was swept last', () => {
  const on = nodesOnRedis({ openLink: (target) => openAliased(target) });
  const { open, loggedIn } = on;
  let redis: RedisServer;
  let clock: TestClock;
  let a: NodeUnderTest;
  let b: NodeUnderTest;
  /** What the server calls itself, where it is not what it is called. */
  let alias: string | null;

  beforeEach(async () => {
    ({ redis, clock } = on);
    alias = null;
    a = await open();
    b = await open();
  });

  const openAliased: typeof openLink = async (target) => {
    const link = await openLink(target);
    const name = /run_id:(\w+)/.exec(await redis.command<string>('INFO', 'server'))![1];
    return {
      ...link,
      async send(key, words) {
        const answer = await link.send(key, words);
        const isNamed = alias !== null && Array.isArray(answer) && answer[2] === name;
        return isNamed ? answer.with(2, alias) : answer;
      },
    };
  };

  /** A replica that has got this far. */
  const replicate = () => redis.command('EVAL', COPY, '0');

  /** It takes over, and finds that another was swept last. */
  async function takeOver(): Promise<void> {
    await redis.command('SWAPDB', '0', '1');
    await redis.command('EVAL', RENAME, '0');
  }

  const stepOut = ({ engine }: NodeUnderTest) =>
    engine.setAvailability({
      ...{ account: 'acme', agent: 'ann', available: false },
      by: { cause: 'agent', id: 'ann' },
    });

  const viewOf = async ({ engine }: NodeUnderTest, login: Login) =>
    (await engine.sessions([login]))[0] as SessionView;

  const endsIn = async (node: NodeUnderTest) => {
    const events = await node.engine.events('acme', { limit: 100, after: '' });
    return events.filter(({ type }) => type === 'session.ended');
  };

  async function warned(node: NodeUnderTest) {
    const login = await loggedIn(node, 'ann');
    clock.advance(DEFAULT_TIMEOUT - LEAD);
    await pass(clock, LEAD - SECOND, [a, b]);
    expect((await node.engine.sessions([login]))[0]).to.include({ state: 'warning' });
    return login;
  }

  it('ends nobody until every node has come over and has repeated what it knows', async () => {
    const login = await warned(b);
    await replicate();
    // Accepted, and lost: only b knows of it.
    await b.engine.touch([{ ...login, at: clock.now() }]);
    await takeOver();
    await pass(clock, 3 * SECOND, [a]);
    expect(await endsIn(a)).to.deep.equal([]);
    alias = 'the one that took over';
    await b.engine.sweep();
    await pass(clock, 10 * SECOND, [a, b]);
    expect((await a.engine.sessions([login]))[0]).to.include({ state: 'active' });
  });

  it('ends whoever is due 5 s later, and from then on in time', async () => {
    await warned(a);
    await replicate();
    await takeOver();
    await pass(clock, 5 * SECOND, [a]);
    expect(await endsIn(a)).to.deep.equal([]);
    await pass(clock, SECOND, [a]);
    expect(await endsIn(a)).to.have.length(1);
    const bob = await loggedIn(a, 'bob');
    clock.advance(DEFAULT_TIMEOUT - LEAD);
    await pass(clock, LEAD + SECOND, [a]);
    expect((await a.engine.sessions([bob]))[0]).to.include({ state: 'ended', endedAt: clock.now() });
  });

  it('is told who had stepped out, so that nobody gets work while they are away', async () => {
    const by = { cause: 'agent', id: 'ann' } as const;
    await a.engine.admit(loginOf('ann', clock.now(), { autoAssign: true }));
    await pass(clock, SECOND, [a]);
    await replicate();
    await a.engine.setAvailability({ account: 'acme', agent: 'ann', available: false, by });
    await takeOver();
    alias = 'the one that took over';
    await pass(clock, 2 * SECOND, [a]);
    expect(await a.engine.agent('acme', 'ann')).to.include({ available: false });
  });

  it('is not told an older word about that, whoever comes over first', async () => {
    const by = { cause: 'agent', id: 'ann' } as const;
    const step = (available: boolean) =>
      a.engine.setAvailability({ account: 'acme', agent: 'ann', available, by });
    await a.engine.admit(loginOf('ann', clock.now(), { autoAssign: true }));
    await step(false);
    await pass(clock, SECOND, [a, b]);
    await replicate();
    await step(true);
    for (const emission of a.told) b.engine.heard(emission);
    // That one did not reach b any more.
    await step(false);
    await takeOver();
    alias = 'the one that took over';
    await pass(clock, 2 * SECOND, [b]);
    await pass(clock, 2 * SECOND, [a, b]);
    expect(await a.engine.agent('acme', 'ann')).to.include({ available: false });
    // A push that comes late, and once more.
    for (const emission of a.told.slice(0, -1)) a.engine.heard(emission);
    await replicate();
    await takeOver();
    alias = 'one more';
    await pass(clock, 2 * SECOND, [a]);
    expect(await a.engine.agent('acme', 'ann')).to.include({ available: false });
  });

  it('is told of logins that had just begun, with their input and tabs', async () => {
    const login = loginOf('ann', clock.now());
    await pass(clock, SECOND, [a]);
    await replicate();
    await a.engine.admit(login, 't1');
    clock.advance(SECOND);
    await a.engine.touch([{ ...login, at: clock.now() }]);
    await a.engine.updateTabs([{ ...login, tab: 't1', visible: true, at: clock.now() }]);
    const typedAt = clock.now();
    await takeOver();
    alias = 'the one that took over';
    await pass(clock, 2 * SECOND, [a]);
    expect((await b.engine.sessions([login]))[0]).to.include({ state: 'active', lastActivityAt: typedAt });
    expect(await b.engine.agent('acme', 'ann')).to.include({ sessions: 1, tabs: 1, visibleTabs: 1 });
  });

  it('is told of ends that a node has only found, and in its words', async () => {
    const login = loginOf('ann', clock.now(), { autoAssign: true });
    await a.engine.admit(login, 't1');
    await pass(clock, SECOND, [a]);
    await replicate();
    // Whoever carried it out has told nobody.
    await b.engine.signOut({ account: 'acme', agent: 'ann', by: 'boss' });
    const endedAt = clock.now();
    expect((await a.engine.sessions([login]))[0]).to.include({ state: 'ended' });
    b.kill();
    await takeOver();
    alias = 'the one that took over';
    await pass(clock, 2 * SECOND, [a]);
    expect(await a.engine.sessions([login])).to.deep.equal([{ state: 'ended', reason: 'admin', endedAt }]);
    const events = await a.engine.events('acme', { limit: 100, after: '' });
    expect(events.slice(-2).map(({ type, at }) => [type, at])).to.deep.equal([
      ['session.ended', endedAt],
      ['agent.unavailable', endedAt],
    ]);
    expect(await a.engine.agent('acme', 'ann')).to.include({ sessions: 0, tabs: 0, available: false });
  });

  it('is told of an end once, where the node that comes over first has only found it', async () => {
    const login = loginOf('ann', clock.now(), { autoAssign: true });
    await a.engine.admit(login, 't1');
    await b.engine.admit({ ...login, sid: 'another' }, 't2');
    await pass(clock, SECOND, [a, b]);
    await replicate();
    // Its word does not reach the other node.
    await b.engine.signOut({ account: 'acme', agent: 'ann', by: 'boss' });
    const [ended] = b.events('session.ended');
    expect((await a.engine.sessions([login]))[0]).to.include({ state: 'ended' });
    await takeOver();
    alias = 'the one that took over';
    await a.engine.sweep();
    const swept = a.engine.sweep();
    await pass(clock, 2 * SECOND, [b]);
    await swept;
    for (const node of [a, b]) expect(await endsIn(node)).to.deep.equal([ended]);
  });

  it('is told of ends that a receiver or a host has read, with their ids, though no tab was told', async () => {
    const login = await loggedIn(a, 'ann', { autoAssign: true });
    await pass(clock, SECOND, [a]);
    await replicate();
    await b.engine.signOut({ account: 'acme', agent: 'ann', by: 'boss' });
    b.kill();
    const read = await a.engine.events('acme', { limit: 100, after: '' });
    await takeOver();
    alias = 'the one that took over';
    await pass(clock, 2 * SECOND, [a]);
    expect(await a.engine.sessions([login])).to.deep.equal([
      { state: 'ended', reason: 'admin', endedAt: read.at(-1)!.at },
    ]);
    expect(await a.engine.events('acme', { limit: 100, after: '' })).to.deep.equal(read);
  });

  it('gives what comes of an agent a newer rev than what a node was answered', async () => {
    const login = await loggedIn(a, 'ann', { autoAssign: true });
    await pass(clock, SECOND, [a]);
    await replicate();
    await stepOut(a);
    const answered = await viewOf(b, login);
    a.kill();
    await takeOver();
    await pass(clock, SECOND, [b]);
    expect((await viewOf(b, login)).rev).to.be.greaterThan(answered.rev);
  });

  it('gives a newer rev where both gave out the same one for different things', async () => {
    const login = await loggedIn(a, 'ann', { autoAssign: true });
    clock.advance(DEFAULT_TIMEOUT - LEAD - SECOND);
    await pass(clock, SECOND / 2, [a]);
    await replicate();
    await stepOut(a);
    const said = await viewOf(a, login);
    await takeOver();
    await pass(clock, SECOND, [b]);
    expect(
      b.told.flatMap(({ pushes }) => pushes).map((push) => push.type === 'warning' && push.rev),
    ).to.deep.equal([said.rev]);
    const now = await viewOf(a, login);
    expect(now).to.include({ state: 'warning', rev: said.rev + 1, available: false });
    expect(a.told.at(-1)!.pushes).to.deep.equal([{ type: 'session', session: now }]);
    // A node that has been told the newer one has nothing to mend.
    for (const emission of a.told) b.engine.heard(emission);
    expect(await viewOf(b, login)).to.deep.equal(now);
  });

  it('is raised once in a second, however often both contradict each other', async () => {
    const login = await loggedIn(a, 'ann', { autoAssign: true });
    await stepOut(a);
    const { rev } = await viewOf(a, login);
    // What another server says, again and again.
    const contradict = (newer: number) =>
      a.engine.heard({
        ...{ account: 'acme', agent: 'ann', events: [] },
        pushes: [{ type: 'warning', rev: newer, deadlineAt: clock.now(), endsAt: clock.now() }],
      });
    for (const told of [rev, rev + 1, rev + 2, rev + 3]) {
      contradict(told);
      await viewOf(a, login);
    }
    expect((await viewOf(a, login)).rev).to.equal(rev + 1);
    clock.advance(SECOND);
    expect((await viewOf(a, login)).rev).to.equal(rev + 4);
  });

  it('lacks what a node was told also where somebody is let in: the answer is newer than that', async () => {
    const login = await loggedIn(a, 'ann', { autoAssign: true });
    await pass(clock, SECOND, [a]);
    await replicate();
    await stepOut(a);
    const told = await viewOf(a, login);
    await takeOver();
    const admission = await a.engine.admit(login, 't1');
    expect(admission.ok && admission.session).to.include({ available: false });
    expect(admission.ok && admission.session.rev).to.be.greaterThan(told.rev);
  });

  it('makes nobody available who has stepped out, where it gave out the same rev', async () => {
    const login = await loggedIn(a, 'ann', { autoAssign: true });
    clock.advance(DEFAULT_TIMEOUT - LEAD - SECOND);
    await pass(clock, SECOND / 2, [a]);
    await replicate();
    await stepOut(a);
    await takeOver();
    // Warned with the rev that she stepped out with.
    await pass(clock, SECOND, [b]);
    await a.engine.admit(login, 't1');
    expect(await viewOf(a, login)).to.include({ state: 'warning', available: false });
  });

  it('is noticed also where no call has failed: the client of a Cluster follows redirections', async () => {
    const login = await loggedIn(a, 'ann');
    await pass(clock, SECOND, [a]);
    await replicate();
    await a.engine.signOut({ account: 'acme', agent: 'ann', by: 'boss' });
    await takeOver();
    alias = 'the one that took over';
    await pass(clock, 2 * SECOND, [a]);
    expect(await a.engine.admit(login)).to.include({ ok: false, reason: 'admin' });
  });
});
