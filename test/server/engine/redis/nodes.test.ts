import { expect } from 'chai';
import { Partitions } from '../../../../server/engine/redis/partitions.ts';
import { startSweeper } from '../../../../server/engine/sweeper.ts';
import { openLink } from '../../../../server/redis/open-link.ts';
import { DEFAULT_TIMEOUT, HOUR, LEAD, MINUTE, SECOND, START } from '../../../contract/engine/harness.ts';
import type { TestClock } from '../../../support/clock.ts';
import type { RedisServer } from '../../../support/redis.ts';
import { STRICT } from '../../../support/redis-engine.ts';
import { loginOf, type NodeUnderTest, nodesOnRedis, openNode, pass } from './node-under-test.ts';

describe('several nodes on one Redis', () => {
  const on = nodesOnRedis();
  const { open } = on;
  let redis: RedisServer;
  let clock: TestClock;
  let a: NodeUnderTest;
  let b: NodeUnderTest;

  beforeEach(async () => {
    ({ redis, clock } = on);
    a = await open();
    b = await open();
  });

  it('serve the same accounts', async () => {
    const login = loginOf('ann', START, { permissions: ['view_presence'] });
    await a.engine.admit(login);
    expect(await b.engine.admit(login)).to.deep.include({ ok: true, permissions: ['view_presence'] });
    clock.advance(MINUTE);
    await b.engine.touch([{ ...login, at: clock.now() }]);
    const [seen] = await a.engine.sessions([login]);
    expect(seen).to.deep.include({ state: 'active', lastActivityAt: clock.now() });
    await b.engine.endSession({ account: 'acme', sid: login.sid });
    expect(await a.engine.admit(login)).to.deep.include({ ok: false, reason: 'logout' });
  });

  it('carry out and tell each transition once, however they sweep beside each other', async () => {
    const agents = Array.from({ length: 400 }, (_, index) => `agent ${index}`);
    await Promise.all(agents.map((agent) => a.engine.admit(loginOf(agent, START, { autoAssign: true }))));
    clock.advance(DEFAULT_TIMEOUT - LEAD);
    const sweepBoth = () => Promise.all([a, b, a, b].map(({ engine }) => engine.sweep()));
    await sweepBoth();
    for (let left = LEAD; left > 0; left -= 2 * SECOND) {
      clock.advance(2 * SECOND);
      await sweepBoth();
    }
    for (const type of ['session.warned', 'session.ended', 'agent.unavailable'] as const) {
      const events = [...a.events(type), ...b.events(type)];
      expect(events.map(({ data }) => 'agent' in data && data.agent).sort()).to.deep.equal(agents.toSorted());
    }
    const told = [...a.events(), ...b.events()].map(({ id }) => id);
    const written = await b.engine.events('acme', { limit: 10_000 });
    expect(told.sort()).to.deep.equal(written.map(({ id }) => id).sort());
  });

  it('look only where something is due, when asked to', async () => {
    const calls = async () => {
      const text = await redis.command<string>('INFO', 'commandstats');
      return Number(/cmdstat_evalsha:calls=(\d+)/.exec(text)?.[1] ?? 0);
    };
    const login = loginOf('ann', START);
    await b.engine.admit(login);
    const warnAt = START + DEFAULT_TIMEOUT - LEAD;
    clock.advance(DEFAULT_TIMEOUT - LEAD - SECOND);
    // With what comes once a minute.
    expect(await a.engine.sweep('all')).to.equal(warnAt);
    let before = await calls();
    expect(await a.engine.sweep('due')).to.equal(warnAt);
    expect((await calls()) - before).to.equal(0);
    clock.advance(SECOND);
    before = await calls();
    expect(await a.engine.sweep('due')).to.equal(warnAt + LEAD);
    expect((await calls()) - before).to.equal(1);
    expect(a.events('session.warned')).to.have.length(1);
  });

  it('know at once what a step of their own made due sooner', async () => {
    const policy = { timeoutSeconds: 900, rememberMe: { agent: true, requester: true } };
    await a.engine.admit(loginOf('ann', START));
    await a.engine.sweep('all');
    clock.advance(HOUR);
    await a.engine.sweep('all');
    await a.engine.setPolicy({ account: 'acme', settings: policy, by: 'admin' });
    await a.engine.sweep('due');
    expect(a.events('session.warned')).to.have.length(1);
  });

  it('do not take long work of their own for a gap elsewhere', async function () {
    this.timeout(60_000);
    const partitions = new Partitions(4);
    const busy = Array.from({ length: 20 }, (_, n) => `busy ${n}`).find(
      (name) => partitions.of(name) !== partitions.of('acme'),
    )!;
    const roundMs = 200;
    const alone = on.cleanup.using(
      await openNode({
        target: { kind: 'single', url: redis.url },
        clock,
        timeSource: clock.now,
        async openLink(target) {
          const link = await openLink(target);
          return {
            async send(key, words) {
              const answer = await link.send(key, words);
              // A sweep that left work has taken a while.
              if (Array.isArray(answer) && answer.length === 10 && answer[3] === '1') clock.advance(roundMs);
              return answer;
            },
            close: () => link.close(),
          };
        },
      }),
    );
    let sweeping = false;
    const sweep = alone.engine.sweep.bind(alone.engine);
    alone.engine.sweep = async (reach) => {
      sweeping = true;
      return sweep(reach).finally(() => {
        sweeping = false;
      });
    };
    await alone.engine.admit(loginOf('quiet', START));
    // Due for their warning shortly before everything would be looked at again.
    clock.advance(10_900);
    const crowd = Array.from({ length: 1_000 }, (_, n) =>
      loginOf(`agent ${n}`, clock.now(), { account: busy }),
    );
    await Promise.all(crowd.map((login) => alone.engine.admit(login)));
    clock.advance(DEFAULT_TIMEOUT - LEAD - 10_900);
    const sweeper = startSweeper({ engine: alone.engine, clock, log: STRICT });
    on.cleanup.defer(() => sweeper.stop());
    const warnedOf = (id: string) =>
      alone.events('session.warned').filter(({ account }) => account === id).length;
    while (warnedOf(busy) < crowd.length) {
      clock.advance(50);
      do await new Promise(setImmediate);
      while (sweeping);
    }
    expect(warnedOf('acme')).to.equal(1);
  });

  it('go on where Redis has forgotten their scripts', async () => {
    const login = loginOf('ann', START);
    await a.engine.admit(login);
    await redis.command('SCRIPT', 'FLUSH');
    expect((await a.engine.sessions([login]))[0]).to.include({ state: 'active' });
    await redis.command('SCRIPT', 'FLUSH');
    const touches = [1, 2, 3].map((ms) => b.engine.touch([{ ...login, at: START + ms }]));
    await Promise.all([...touches, b.engine.sweep(), a.engine.policy('acme')]);
    expect(await b.engine.endSession({ account: 'acme', sid: login.sid })).to.equal(true);
  });

  it('take the tabs of a dead one out of presence within six seconds, and leave its deadlines alone', async () => {
    const login = loginOf('ann', START);
    await a.engine.admit(login);
    await a.engine.admit(login, 'of a');
    await b.engine.admit(login, 'of b');
    await pass(clock, 2 * SECOND, [a, b]);
    const before = await b.engine.sessions([login]);
    a.kill();
    await pass(clock, 6 * SECOND, [b]);
    expect(await b.engine.agent('acme', 'ann')).to.include({ tabs: 1, sessions: 1 });
    expect(await b.engine.sessions([login])).to.deep.equal(before);
  });

  it('let one that stood still file its tabs again', async () => {
    const login = loginOf('ann', START);
    await a.engine.admit(login);
    await a.engine.admit(login, 't1');
    await a.engine.admit(login, 't2');
    await pass(clock, SECOND, [a, b]);
    await a.engine.updateTabs([{ ...login, tab: 't1', visible: true, at: clock.now() }]);
    await pass(clock, 10 * SECOND, [b]);
    expect(await b.engine.agent('acme', 'ann')).to.include({ tabs: 0 });
    // What happened to its tabs meanwhile, it knows.
    await a.engine.updateTabs([{ ...login, tab: 't2', visible: null, at: clock.now() }]);
    await a.engine.sweep();
    expect(await b.engine.agent('acme', 'ann')).to.include({ tabs: 1, visibleTabs: 1, leftAt: null });
  });

  it('take nobody for dead where nobody swept', async () => {
    const login = loginOf('ann', START);
    await a.engine.admit(login);
    await a.engine.admit(login, 't1');
    await pass(clock, SECOND, [a, b]);
    clock.advance(HOUR);
    await b.engine.sweep();
    expect(await b.engine.agent('acme', 'ann')).to.include({ tabs: 1 });
  });

  it('close the tabs of one that leaves with the next sweep', async () => {
    const login = loginOf('ann', START);
    await a.engine.admit(login);
    await a.engine.admit(login, 't1');
    await pass(clock, SECOND, [a, b]);
    await a.engine.close();
    await b.engine.sweep();
    expect(await b.engine.agent('acme', 'ann')).to.include({ tabs: 0 });
  });

  it('all follow a clock that was set back, whichever of them noticed it', async () => {
    await pass(clock, SECOND, [a, b]);
    clock.step(-2 * MINUTE);
    await pass(clock, SECOND, [a, b]);
    for (const { engine } of [a, b]) expect(engine.now()).to.equal(clock.now());
  });

  it('close a tab whose opening went through without its node hearing of it, once the link is back', async () => {
    const login = loginOf('ann', START);
    await a.engine.admit(login);
    await a.engine.admit(login, 'known');
    a.deafen();
    await a.engine.admit(login, 'ghost').catch(() => {});
    expect(await b.engine.agent('acme', 'ann')).to.include({ tabs: 2 });
    a.hear();
    const back = new Promise((resolve) => a.engine.onLink(resolve));
    clock.advance(SECOND);
    expect(await back).to.equal(true);
    await pass(clock, 9 * SECOND, [a, b]);
    expect(await b.engine.agent('acme', 'ann')).to.include({ tabs: 2 });
    await pass(clock, 2 * SECOND, [a, b]);
    expect((await b.engine.agent('acme', 'ann'))?.tabs).to.equal(1);
    await a.engine.updateTabs([{ ...login, tab: 'known', visible: null, at: clock.now() }]);
    expect((await b.engine.agent('acme', 'ann'))?.tabs).to.equal(0);
  });

  it('count no gap while one of them sweeps', async () => {
    const login = loginOf('ann', START);
    await a.engine.admit(login);
    clock.advance(DEFAULT_TIMEOUT - LEAD);
    await a.engine.sweep();
    await pass(clock, 30 * SECOND, [a]);
    await pass(clock, 29 * SECOND, [b]);
    expect((await a.engine.sessions([login]))[0]).to.include({ state: 'warning' });
    await pass(clock, SECOND, [b]);
    expect((await a.engine.sessions([login]))[0]).to.include({
      state: 'ended',
      endedAt: START + DEFAULT_TIMEOUT,
    });
  });
});
