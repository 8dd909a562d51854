import { expect } from 'chai';
import { apiOf } from '../support/api.ts';
import { type Cleanup, cleanupAfterEach } from '../support/cleanup.ts';
import { figure, type Lateness, measureLateness } from '../support/measuring.ts';
import type { VigilProcess } from '../support/node-process.ts';
import { startRedis } from '../support/redis.ts';
import { startRedisCluster } from '../support/redis-cluster.ts';
import { startRedisSentinel } from '../support/redis-sentinel.ts';
import { openTab, type Tab } from '../support/tab.ts';
import { signServiceToken, signToken } from '../support/tokens.ts';
import { until } from '../support/waiting.ts';
import { eventsAbout, eventsOf, expectSound, isReady, startNodes, untilReady } from './nodes.ts';

const TIMES = { leadMs: 2_000, timeoutMs: 6_000 };
/** How late an end may be after Redis is back, beyond the whole lead that everybody gets anew. */
const RECOVERY_MS = 5_000;
/** For an end to come at all; how late it may be is judged by `RECOVERY_MS`. */
const PATIENCE_MS = 40_000;

/** Two nodes with people of every kind: at work, gone, and gone with no tab open anywhere. */
class Office {
  readonly nodes: VigilProcess[];
  readonly lateness: Lateness;
  readonly working: Tab[];
  readonly away: Tab;
  /** Until when nobody may be ended, by the last input in each tab. */
  typedAt = Date.now();
  /** When one of the nodes last said that it is not ready. */
  lostAt = 0;
  readonly #typing: NodeJS.Timeout;
  readonly #watching: NodeJS.Timeout;

  private constructor(nodes: VigilProcess[], lateness: Lateness, tabs: [Tab, Tab, Tab]) {
    const [one, two, away] = tabs;
    this.nodes = nodes;
    this.lateness = lateness;
    this.working = [one, two];
    this.away = away;
    this.#typing = setInterval(() => {
      this.typedAt = Date.now();
      one.activity();
    }, 500);
    this.#watching = setInterval(() => void this.#look(), 100);
  }

  async #look(): Promise<void> {
    const askedAt = Date.now();
    const ready = await Promise.all(this.nodes.map(isReady));
    if (ready.includes(false)) this.lostAt = Math.max(this.lostAt, askedAt);
  }

  static async open(cleanup: Cleanup, redisUrl: string): Promise<Office> {
    const nodes = await startNodes(redisUrl, { times: TIMES, count: 2 });
    for (const node of nodes) cleanup.using(node);
    const lateness = cleanup.using(measureLateness());
    const token = signToken({ sub: 'working' });
    const tabs: Tab[] = [];
    for (const node of nodes) tabs.push(cleanup.using(await openTab(node.url, token)));
    const elsewhere = await openTab(nodes[0]!.url, signToken({ sub: 'elsewhere' }));
    elsewhere.close();
    const away = cleanup.using(await openTab(nodes[1]!.url, signToken({ sub: 'away' })));
    const office = new Office(nodes, lateness, [tabs[0]!, tabs[1]!, away]);
    cleanup.defer(() => {
      clearInterval(office.#typing);
      clearInterval(office.#watching);
    });
    return office;
  }

  async untilAway(timeoutMs = 15_000): Promise<void> {
    await until(async () => !(await isReady(this.nodes[0]!)), 'a node that is not ready', { timeoutMs });
  }

  async untilBack(): Promise<number> {
    // A Sentinel looks after ten seconds whether a replica has done what it was told.
    await Promise.all(this.nodes.map((node) => untilReady(node, 30_000)));
    return Date.now();
  }

  /** Whoever was gone is ended, once, not before a whole lead of warning and not late; whoever works is not. */
  async expectJustEnds(recoveredAt: number): Promise<void> {
    const heard = await this.away.next('ended', () => true, PATIENCE_MS);
    const [node] = this.nodes;
    await until(
      async () => (await eventsAbout(node!, 'elsewhere', 'session.ended')).length > 0,
      'the end of who has no tab open',
      { timeoutMs: PATIENCE_MS, everyMs: 200 },
    );
    // Sentinels that are short of time may well take the new master for dead too.
    const backAt = Math.max(recoveredAt, this.lostAt);
    figure('from recovery to the end of who was away, ms', heard.at - backAt);
    for (const agent of ['away', 'elsewhere']) {
      const events = await eventsOf(node!);
      const about = events.filter(({ data }) => 'agent' in data && data.agent === agent);
      const ends = about.filter(({ type }) => type === 'session.ended');
      expect(ends, `${agent} is ended once`).to.have.length(1);
      const warnedAt = about.filter(({ type }) => type === 'session.warned').at(-1)!.at;
      expect(ends[0]!.at - warnedAt, `${agent} had the whole lead`).to.be.at.least(TIMES.leadMs);
      const lateMs = ends[0]!.at - Math.max(backAt + TIMES.leadMs, warnedAt + TIMES.leadMs);
      expect(lateMs, `${agent} is not ended late`).to.be.at.most(RECOVERY_MS + this.lateness.worstMs);
    }
    expect(this.working.flatMap((tab) => tab.all('ended'))).to.deep.equal([]);
    const [tab] = this.working;
    expect(tab!.socket.connected, 'the sockets stayed').to.equal(true);
    await until(async () => {
      const { body } = await apiOf(node!.url, signServiceToken()).get('/v1/agents/working');
      return body.lastActivityAt >= this.typedAt - 1_500;
    }, 'the newest input in Redis');
    expectSound(this.nodes);
  }
}

describe('Redis that dies, stops or forgets', function () {
  this.timeout(90_000);
  const cleanup = cleanupAfterEach();

  it('kill -9 with an append-only file, restarted: nobody is ended early, twice or late', async () => {
    const redis = cleanup.using(await startRedis({ persistence: 'aof' }));
    const office = await Office.open(cleanup, redis.url);
    // Everything is on disk within a second of its acknowledgement.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await redis.kill9();
    await office.untilAway();
    const answer = await apiOf(office.nodes[1]!.url, signToken({ sub: 'new' })).get('/v1/verify');
    expect(answer.status).to.equal(503);
    await redis.restart();
    await office.expectJustEnds(await office.untilBack());
  });

  it('stopped for 8 s: what a warned agent typed meanwhile arrives before anyone is ended', async () => {
    const redis = cleanup.using(await startRedis());
    const office = await Office.open(cleanup, redis.url);
    const warned = cleanup.using(await openTab(office.nodes[0]!.url, signToken({ sub: 'warned' })));
    await warned.next('warning', () => true, 10_000);
    await office.away.next('warning', () => true, 10_000);
    redis.stop();
    const stoppedAt = Date.now();
    // Long after the warning would have run out, and late enough not to be due for another.
    setTimeout(() => warned.activity(), 7_000);
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    redis.cont();
    const backAt = Date.now();
    const again = await warned.next('session', ({ state }) => state === 'active', 10_000);
    figure('from the return of Redis to the dismissal of a warning, ms', again.at - backAt);
    expect(again.message.lastActivityAt).to.be.within(
      stoppedAt + 6_900,
      stoppedAt + 7_500 + office.lateness.worstMs,
    );
    expect(warned.all('ended')).to.deep.equal([]);
    await office.expectJustEnds(backAt);
  });

  it('back without its data: policies and open tabs are put back, other sids are refused', async () => {
    const redis = cleanup.using(await startRedis());
    const office = await Office.open(cleanup, redis.url);
    // Of an account whose timeout is long: what refuses it is the loss alone.
    const closed = signToken({ sub: 'closed', account: 'delta' });
    (await openTab(office.nodes[0]!.url, closed)).close();
    const [node, other] = office.nodes as [VigilProcess, VigilProcess];
    // A `sid` that begins in the second of the loss might be new: this one began before.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await redis.kill9();
    await office.untilAway();
    await redis.restart();
    const backAt = await office.untilBack();
    for (const { url } of office.nodes) {
      const { body } = await apiOf(url, signServiceToken()).get('/v1/policy');
      expect(body.timeoutSeconds, 'the policy is put back').to.equal(TIMES.timeoutMs / 1_000);
    }
    // For 5 s nobody can tell yet who was known: until every node has said so, such a `sid` is put off.
    const refused = await until(
      async () => {
        const answer = await apiOf(other.url, closed).get('/v1/verify');
        return answer.status !== 503 && answer;
      },
      'an answer',
      { timeoutMs: 10_000, everyMs: 200 },
    );
    expect(refused.status).to.equal(401);
    expect(refused.body).to.include({ code: 'session_ended', reason: 'lost' });
    const { body } = await apiOf(node.url, signServiceToken()).get('/v1/agents/working');
    expect(body.tabs, 'open tabs are in presence again').to.equal(2);
    expect(body.lastActivityAt).to.be.at.least(office.typedAt - 1_500);
    const heard = await office.away.next('ended', () => true, TIMES.timeoutMs + TIMES.leadMs + RECOVERY_MS);
    expect(heard.message.reason).to.equal('timeout');
    const warnings = await eventsAbout(node, 'away', 'session.warned');
    expect(heard.message.endedAt - warnings.at(-1)!.at).to.be.at.least(TIMES.leadMs);
    figure('from recovery to the end of who was away, ms', heard.at - backAt);
    expect(office.working.flatMap((tab) => tab.all('ended'))).to.deep.equal([]);
    expectSound(office.nodes);
  });

  it('a Sentinel master that dies: the nodes follow to the new one, and nobody is ended early, twice or late', async () => {
    const sentinel = cleanup.using(await startRedisSentinel({ replicas: 2 }));
    const office = await Office.open(cleanup, sentinel.url);
    await sentinel.master.kill9();
    const diedAt = Date.now();
    await office.untilAway();
    await until(async () => (await sentinel.currentMaster()) !== sentinel.master, 'another master', {
      timeoutMs: 20_000,
    });
    const backAt = await office.untilBack();
    figure('from the death of the master to /readyz 200, ms', backAt - diedAt);
    await office.expectJustEnds(backAt);
  });

  it('a Cluster master that dies: its replica takes over, and nobody is ended early, twice or late', async () => {
    const cluster = cleanup.using(await startRedisCluster({ replicasEach: 1 }));
    const office = await Office.open(cleanup, cluster.url);
    const holder = await holderOf(cluster.masters);
    await holder.kill9();
    const diedAt = Date.now();
    await office.untilAway();
    const backAt = await office.untilBack();
    figure('from the death of the master to /readyz 200, ms', backAt - diedAt);
    await office.expectJustEnds(backAt);
  });

  it('a Cluster master that takes no writes: who is at work on another is warned no more, and not ended', async () => {
    const cluster = cleanup.using(await startRedisCluster());
    const office = await Office.open(cleanup, cluster.url);
    const warned = cleanup.using(await openTab(office.nodes[1]!.url, signToken({ sub: 'warned' })));
    const healthy = await holderOf(cluster.masters);
    const [full] = cluster.masters.filter((master) => master !== healthy);
    await warned.next('warning', () => true, 10_000);
    // It has none, and stays up: no failover.
    await full!.command('CONFIG', 'SET', 'min-replicas-to-write', '1');
    await new Promise((resolve) => setTimeout(resolve, 500));
    warned.activity();
    const typedAt = Date.now();
    const { message } = await warned.next('session', ({ state }) => state === 'active', 3_000);
    expect(message.lastActivityAt).to.be.within(typedAt - 100, typedAt + 500 + office.lateness.worstMs);
    for (const node of office.nodes) expect(await isReady(node), 'it serves the others').to.equal(true);
    await office.expectJustEnds(typedAt);
    // As long as it takes to sign out everybody of whom nothing is heard.
    const longest = TIMES.timeoutMs + TIMES.leadMs + RECOVERY_MS;
    await new Promise((resolve) => setTimeout(resolve, typedAt + longest - Date.now()));
    expect(office.working.flatMap((tab) => tab.all('ended'))).to.deep.equal([]);
    expect(office.working[0]!.all('warning')).to.deep.equal([]);
    await full!.command('CONFIG', 'SET', 'min-replicas-to-write', '0');
    expectSound(office.nodes);
  });
});

/** The master with the account of these tests. */
async function holderOf<T extends { command<R>(...words: string[]): Promise<R> }>(
  masters: readonly T[],
): Promise<T> {
  for (const master of masters) {
    const keys = await master.command<string[]>('KEYS', 'vigil:*acme*');
    if (keys.length > 0) return master;
  }
  return masters[0]!;
}
