import { expect } from 'chai';
import { systemClock } from '../../../../server/clock.ts';
import { EngineUnavailable } from '../../../../server/engine/engine.ts';
import { parseRedisUrl } from '../../../../server/redis-url.ts';
import { cleanupAfterEach } from '../../../support/cleanup.ts';
import { type RedisServer, startRedis } from '../../../support/redis.ts';
import { startRedisCluster } from '../../../support/redis-cluster.ts';
import { startRedisSentinel } from '../../../support/redis-sentinel.ts';
import { until } from '../../../support/waiting.ts';
import { loginOf, type NodeUnderTest, openNode } from './node-under-test.ts';

const COMMAND_TIMEOUT_MS = 3_000;

const QUIET = { info() {}, warn() {}, error() {} };

/** How a call went, and how long it took. */
async function timed(call: Promise<unknown>): Promise<{ error: unknown; tookMs: number }> {
  const start = performance.now();
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  return { error, tookMs: performance.now() - start };
}

/** Sweeps each 100 ms, as the sweeper would, and keeps what it saw of the link. */
function keepSweeping(node: NodeUnderTest): { ups: boolean[]; close(): Promise<void> } {
  const ups: boolean[] = [];
  node.engine.onLink((up) => ups.push(up));
  let going = true;
  const run = (async () => {
    while (going) {
      await node.engine.sweep().catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  return {
    ups,
    async close() {
      going = false;
      await run;
    },
  };
}

describe('the link to Redis', function () {
  this.timeout(40_000);
  const cleanup = cleanupAfterEach();

  async function openOn(url: string): Promise<NodeUnderTest> {
    return cleanup.using(await openNode({ target: parseRedisUrl(url), clock: systemClock, log: QUIET }));
  }

  describe('of one server', () => {
    let redis: RedisServer;
    let node: NodeUnderTest;
    beforeEach(async () => {
      redis = cleanup.using(await startRedis({ persistence: 'aof' }));
      node = await openOn(redis.url);
    });

    it('gives calls up after three seconds where Redis hangs, also while others keep calling', async () => {
      const login = loginOf('ann', Date.now());
      await node.engine.admit(login);
      const sweeping = cleanup.using(keepSweeping(node));
      redis.stop();
      const touching = setInterval(() => {
        node.engine.touch([{ ...login, at: Date.now() }]).catch(() => {});
      }, 50);
      const { error, tookMs } = await timed(node.engine.sessions([login]));
      clearInterval(touching);
      redis.cont();
      expect(error).to.be.instanceOf(EngineUnavailable);
      expect(tookMs).to.be.within(COMMAND_TIMEOUT_MS - 200, COMMAND_TIMEOUT_MS + 500);
      await until(() => sweeping.ups.at(-1) === true, 'the link to be up again');
      expect(sweeping.ups).to.deep.equal([false, true]);
      const [seen] = await node.engine.sessions([login]);
      expect(seen).to.include({ state: 'active' });
    });

    it('tells newcomers beyond a bound to come again, at once, and lets everything else through', async () => {
      const dropped: string[] = [];
      const target = parseRedisUrl(redis.url);
      const onDropped = (what: string) => void dropped.push(what);
      const small = await openNode({ target, clock: systemClock, log: QUIET, maxAsking: 2, onDropped });
      cleanup.using(small);
      const ups: boolean[] = [];
      small.engine.onLink((up) => ups.push(up));
      const login = loginOf('ann', Date.now());
      await small.engine.admit(login);
      redis.stop();
      const asking = [small.engine.admit(login), small.engine.policy('acme')];
      const { error, tookMs } = await timed(small.engine.admit(login));
      expect(error).to.be.instanceOf(EngineUnavailable);
      expect(tookMs).to.be.below(500);
      expect(dropped).to.deep.equal(['redis_call']);
      expect(ups, 'and does not take Redis for dead').to.deep.equal([]);
      const touching = small.engine.touch([{ ...login, at: Date.now() }]);
      redis.cont();
      await Promise.all([...asking, touching]);
      expect(await small.engine.admit(login)).to.include({ ok: true });
    });

    it('says at once that Redis is gone, and when it is back, with all that was stored', async () => {
      const login = loginOf('ann', Date.now());
      await node.engine.admit(login);
      const sweeping = cleanup.using(keepSweeping(node));
      // Flushed to its file each second.
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      await redis.kill9();
      await until(() => sweeping.ups.includes(false), 'the link to be down', { timeoutMs: 1_000 });
      const { error, tookMs } = await timed(node.engine.admit(login));
      expect(error).to.be.instanceOf(EngineUnavailable);
      expect(tookMs).to.be.below(500);
      expect((await timed(node.engine.ping())).error).to.be.instanceOf(EngineUnavailable);
      await redis.restart();
      await until(() => sweeping.ups.at(-1) === true, 'the link to be up again');
      await node.engine.ping();
      expect(await node.engine.session('acme', login.sid)).to.include({ live: true });
    });

    it('holds nothing back while there is no connection', async () => {
      await redis.kill9();
      await timed(node.engine.ping());
      const login = loginOf('ann', Date.now());
      const calls = Array.from({ length: 1_000 }, () => timed(node.engine.admit(login)));
      for (const { error, tookMs } of await Promise.all(calls)) {
        expect(error).to.be.instanceOf(EngineUnavailable);
        expect(tookMs).to.be.below(1_000);
      }
    });

    it('stays, though nobody uses it', async () => {
      const ups: boolean[] = [];
      node.engine.onLink((up) => ups.push(up));
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      expect((await timed(node.engine.ping())).error).to.equal(null);
      expect(ups).to.deep.equal([]);
    });

    it('lets a full Redis take no new session and no policy, while everything else goes on', async () => {
      const complaints: string[] = [];
      const log = { ...QUIET, error: (_fields: object, message: string) => void complaints.push(message) };
      const full = cleanup.using(
        await openNode({ target: parseRedisUrl(redis.url), clock: systemClock, log }),
      );
      const at = Date.now() - 60_000;
      const [ann, bob] = [loginOf('ann', at, { autoAssign: true }), loginOf('bob', at)];
      for (const login of [ann, bob]) await full.engine.admit(login);
      const events = await full.engine.events('acme', { limit: 10 });
      await redis.command('CONFIG', 'SET', 'maxmemory', '1');
      const rememberMe = { agent: false, requester: false };
      for (let count = 0; count < 3; count += 1) {
        for (const refused of [
          full.engine.admit(loginOf('cem', Date.now())),
          full.engine.setPolicy({
            account: 'acme',
            settings: { timeoutSeconds: 900, rememberMe },
            by: 'boss',
          }),
        ])
          expect((await timed(refused)).error).to.be.instanceOf(EngineUnavailable);
      }
      expect(complaints).to.deep.equal(['Redis refuses what it is asked']);
      expect(await full.engine.events('acme', { limit: 10 })).to.deep.equal(events);
      expect(await full.engine.agent('acme', 'cem')).to.equal(null);
      await full.engine.sweep();
      expect((await full.engine.admit(ann)).ok).to.equal(true);
      expect(await full.engine.admit(ann, 't1')).to.include({ ok: true });
      await full.engine.updateTabs([{ ...ann, tab: 't1', visible: true, at: Date.now() }]);
      await full.engine.touch([{ ...ann, at: Date.now() }]);
      const [seen] = await full.engine.sessions([ann]);
      expect((seen as { lastActivityAt: number }).lastActivityAt).to.be.greaterThan(at);
      expect(await full.engine.endSession({ account: 'acme', sid: bob.sid })).to.equal(true);
      expect(await full.engine.signOut({ account: 'acme', agent: 'ann', by: 'boss' })).to.equal(true);
      await redis.command('CONFIG', 'SET', 'maxmemory', '0');
      expect((await full.engine.admit(loginOf('cem', Date.now()))).ok).to.equal(true);
    });

    it('tells the time of Redis, not that of the machine', async () => {
      const clock = { ...systemClock, now: () => Date.now() + 600_000 };
      const odd = cleanup.using(await openNode({ target: parseRedisUrl(redis.url), clock, log: QUIET }));
      await odd.engine.sweep();
      expect(odd.engine.now() - Date.now()).to.be.within(-20, 20);
      const login = loginOf('ann', Date.now());
      expect((await odd.engine.admit(login)).ok).to.equal(true);
      await odd.engine.touch([{ ...login, at: odd.engine.now() }]);
      const [seen] = await node.engine.sessions([login]);
      expect((seen as { lastActivityAt: number }).lastActivityAt - Date.now()).to.be.within(-200, 20);
    });

    it('refuses to start where nobody answers', async () => {
      await redis.kill9();
      const { error, tookMs } = await timed(openOn(redis.url));
      expect(error).to.be.instanceOf(Error);
      expect(tookMs).to.be.below(3_000);
    });
  });

  it('follows the master that the Sentinels name', async () => {
    const redis = cleanup.using(await startRedisSentinel({ replicas: 2 }));
    const node = await openOn(redis.url);
    const login = loginOf('ann', Date.now());
    await node.engine.admit(login);
    const sweeping = cleanup.using(keepSweeping(node));
    await new Promise((resolve) => setTimeout(resolve, 500));
    await redis.master.kill9();
    await until(() => sweeping.ups.includes(false), 'the link to be down');
    await until(() => sweeping.ups.at(-1) === true, 'the link to the new master', { timeoutMs: 15_000 });
    expect(await node.engine.session('acme', login.sid)).to.include({ live: true });
  });

  it('follows the replica that takes over a part of a Cluster', async () => {
    const redis = cleanup.using(await startRedisCluster({ replicasEach: 1 }));
    const node = await openOn(redis.url);
    const logins = Array.from({ length: 20 }, (_, index) =>
      loginOf('ann', Date.now(), { account: `account ${index}` }),
    );
    for (const login of logins) await node.engine.admit(login);
    const sweeping = cleanup.using(keepSweeping(node));
    await new Promise((resolve) => setTimeout(resolve, 500));
    await redis.masters[1]!.kill9();
    await until(() => sweeping.ups.includes(false), 'the link to be down');
    await until(() => sweeping.ups.at(-1) === true, 'the link to the replica', { timeoutMs: 15_000 });
    for (const { account, sid } of logins)
      expect(await node.engine.session(account, sid)).to.include({ live: true });
  });

  it('says what a part of a Cluster that takes no writes could not take, and goes on with the rest', async () => {
    const redis = cleanup.using(await startRedisCluster());
    const node = await openOn(redis.url);
    const logins = Array.from({ length: 20 }, (_, index) =>
      loginOf('ann', Date.now(), { account: `account ${index}` }),
    );
    for (const login of logins) await node.engine.admit(login, `tab of ${login.account}`);
    const holders = await Promise.all(redis.masters.map((master) => master.command<string[]>('KEYS', '*')));
    // Four partitions on three masters: some have fewer.
    const refusing = redis.masters[holders.findIndex((keys) => keys.some((key) => key.includes('account')))]!;
    const tabsIn = async (accounts: string[]) => {
      const found = await Promise.all(accounts.map((account) => node.engine.agent(account, 'ann')));
      return found.reduce((sum, agent) => sum + agent!.tabs, 0);
    };
    const accounts = logins.map(({ account }) => account);
    expect(await tabsIn(accounts)).to.equal(20);
    await refusing.command('CONFIG', 'SET', 'min-replicas-to-write', '1');
    const closures = logins.map(({ account, agent, sid }) => {
      return { account, agent, sid, tab: `tab of ${account}`, visible: null, at: Date.now() };
    });
    const { error } = await timed(node.engine.updateTabs(closures));
    const { left } = error as EngineUnavailable;
    expect(left!.size).to.be.within(1, 19);
    const { error: again } = await timed(node.engine.updateTabs([...left!] as typeof closures));
    expect((again as EngineUnavailable).left).to.deep.equal(left);
    const reports = logins.map(({ account, agent, sid }) => ({ account, agent, sid, at: Date.now() }));
    const { error: ofTouch } = await timed(node.engine.touch(reports));
    const names = (things: Iterable<unknown>) =>
      [...things].map((thing) => (thing as { account: string }).account).sort();
    const refused = names(left!);
    expect(names((ofTouch as EngineUnavailable).left!)).to.deep.equal(refused);
    await node.engine.ping();
    const taken = accounts.filter((account) => !refused.includes(account));
    expect(await tabsIn(taken), 'tabs of the others').to.equal(0);
    await refusing.command('CONFIG', 'SET', 'min-replicas-to-write', '0');
    await node.engine.updateTabs([...left!] as typeof closures);
    expect(await tabsIn(accounts)).to.equal(0);
    for (const master of redis.masters) await master.command('CONFIG', 'SET', 'min-replicas-to-write', '1');
    expect((await timed(node.engine.ping())).error, 'none takes writes').to.be.instanceOf(EngineUnavailable);
    for (const master of redis.masters) await master.command('CONFIG', 'SET', 'min-replicas-to-write', '0');
    await redis.masters[2]!.kill9();
    const failed = await timed(node.engine.ping());
    expect(failed.error, 'one cannot be reached').to.be.instanceOf(EngineUnavailable);
  });
});
