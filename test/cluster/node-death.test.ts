import { expect } from 'chai';
import type { Clock } from '../../server/clock.ts';
import { systemClock } from '../../server/clock.ts';
import { readConfig } from '../../server/config.ts';
import type { Emission } from '../../server/engine/engine.ts';
import { openRedisEngine } from '../../server/engine/redis/open-redis-engine.ts';
import { SILENT } from '../../server/log.ts';
import { startNode } from '../../server/node.ts';
import { setTimeoutOf } from '../process/short-node.ts';
import { apiOf } from '../support/api.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { Crowd } from '../support/crowd.ts';
import { expectPrompt, figure, measureLateness } from '../support/measuring.ts';
import { startBalancer } from '../support/proxies.ts';
import { startRedis } from '../support/redis.ts';
import { severable } from '../support/redis-engine.ts';
import { openTab } from '../support/tab.ts';
import { SECRET, signServiceToken, signToken } from '../support/tokens.ts';
import { pause, until } from '../support/waiting.ts';
import { eventsAbout, eventsOf, expectSound, SHORT, settingsFor, startNodes } from './nodes.ts';
import { layWire } from './wire.ts';

const LONG = { leadMs: 2_000, timeoutMs: 120_000 };

describe('a node that dies, stops or is cut off', function () {
  this.timeout(90_000);
  const cleanup = cleanupAfterEach();

  it('signs nobody out: a thousand tabs of a killed node are back, and those that are not leave presence', async () => {
    const redis = cleanup.using(await startRedis());
    const nodes = await startNodes(redis.url, { times: LONG, env: { VIGIL_LEAVE_GRACE: '100ms' } });
    for (const node of nodes) cleanup.using(node);
    const balancer = cleanup.using(await startBalancer(nodes));
    const lateness = cleanup.using(measureLateness());
    const tokens = Array.from({ length: 1_000 }, (_, index) => signToken({ sub: `agent-${index}` }));
    const crowd = cleanup.using(new Crowd({ url: () => balancer.url, token: (index) => tokens[index]! }));
    await crowd.open(tokens.length, { pace: 100 });
    // It never comes back: what it leaves behind is its node's to clear away, and its node is dead.
    const forsaken = await openTab(nodes[0]!.url, signToken({ sub: 'forsaken' }));
    const tabsOf = async (agent: string) =>
      (await apiOf(nodes[1]!.url, signServiceToken()).get(`/v1/agents/${agent}`)).body.tabs as number;
    await until(async () => (await tabsOf('forsaken')) === 1, 'the tab in presence');

    const killedAt = Date.now();
    await nodes[0]!.kill('SIGKILL');
    forsaken.close();
    await until(async () => (await tabsOf('forsaken')) === 0, 'its end', { timeoutMs: 15_000, everyMs: 100 });
    const leftMs = Date.now() - killedAt;
    figure('from the death of a node to the end of its tabs in presence, ms', leftMs);
    // A lease of 5 s, a sweep each second, and the time that asking takes on a busy machine.
    expect(leftMs).to.be.at.most(6_000 + 1_000 + lateness.worstMs);
    await crowd.until(() => crowd.connected === tokens.length);
    const moved = crowd.tabs.filter(({ connects }) => connects > 1);
    figure('tabs that it had', moved.length);
    figure('longest without a connection, ms', crowd.longestAwayMs());
    expect(moved.length).to.be.within(200, 500);
    expect(crowd.longestAwayMs()).to.be.at.most(5_000 + lateness.worstMs);
    expect(crowd.tabs.filter(({ ended, refused }) => ended !== null || refused !== null)).to.deep.equal([]);
    const agents = await apiOf(nodes[1]!.url, signServiceToken()).get('/v1/agents?limit=1');
    expect(agents.body.counts.active + agents.body.counts.idle, 'agents with a visible tab').to.equal(1_000);
    expect((await eventsOf(nodes[1]!)).filter(({ type }) => type === 'session.ended')).to.deep.equal([]);
    expectSound(nodes.slice(1));
  });

  it('leaves what it claimed and told nobody to another, who tells it within 5 s', async () => {
    const redis = cleanup.using(await startRedis());
    const options = {
      target: { kind: 'single' as const, url: redis.url },
      leadMs: 1_000,
      minTimeoutMs: 2_000,
      clock: systemClock,
      log: SILENT,
    };
    const life = severable();
    let claimed: ((emission: Emission) => void) | undefined;
    const doomed = await openRedisEngine({
      ...options,
      openLink: life.open,
      relay: (emission) => {
        claimed?.(emission);
        // It dies before anybody has taken it.
        return new Promise(() => {});
      },
    });
    const told: { emission: Emission; at: number }[] = [];
    const other = cleanup.using(
      await openRedisEngine({
        ...options,
        relay: (emission) => void told.push({ emission, at: Date.now() }),
      }),
    );
    const loginAt = Date.now();
    const login = { account: 'acme', agent: 'ann', sid: 'one', loginAt, issuedAt: loginAt };
    await doomed.admit({ ...login, name: null, permissions: [], autoAssign: true });
    const isEnd = ({ pushes }: Emission) => pushes.some(({ type }) => type === 'ended');
    const ended = new Promise<number>((resolve) => {
      claimed = (emission) => isEnd(emission) && resolve(Date.now());
    });
    await doomed.signOut({ account: 'acme', agent: 'ann', by: 'chief' });
    const claimedAt = await ended;
    life.sever();
    cleanup.using(doomed);

    const heard = await until(
      async () => {
        await other.sweep();
        return told.find(({ emission }) => isEnd(emission));
      },
      'the end, told by the other',
      { timeoutMs: 10_000, everyMs: 200 },
    );
    figure('from a claim to the relay by another node, ms', heard.at - claimedAt);
    expect(heard.at - claimedAt).to.be.at.most(5_000);
    await pause(300);
    await other.sweep();
    expect(
      told.filter(({ emission }) => isEnd(emission)),
      'told once',
    ).to.have.length(1);
  });

  it('ends nobody early or twice when it was stopped for 10 s, and files its tabs again', async () => {
    const redis = cleanup.using(await startRedis());
    const nodes = await startNodes(redis.url, { count: 2 });
    for (const node of nodes) cleanup.using(node);
    const [stopped, other] = nodes as [(typeof nodes)[0], (typeof nodes)[0]];
    const lateness = cleanup.using(measureLateness());
    const slow = cleanup.using(await openTab(stopped.url, signToken({ sub: 'slow' })));
    const busy = [
      cleanup.using(await openTab(stopped.url, signToken({ sub: 'busy' }))),
      cleanup.using(await openTab(other.url, signToken({ sub: 'busy' }))),
    ];
    const beside = cleanup.using(await openTab(other.url, signToken({ sub: 'beside' })));
    const { endsAt } = beside.all('session').at(-1)!.message;
    const typing = setInterval(() => busy[1]!.activity(), 500);
    cleanup.defer(() => clearInterval(typing));
    stopped.signal('SIGSTOP');
    const stoppedAt = Date.now();
    const end = await beside.next('ended', () => true, 12_000);
    expectPrompt(end.at - endsAt, lateness, 'an end on the node that goes on', 1_000);
    await pause(Math.max(0, stoppedAt + 10_000 - Date.now()));
    stopped.signal('SIGCONT');
    const continuedAt = Date.now();

    const late = await slow.next('ended', () => true, 10_000);
    figure('from SIGCONT to an end that was due meanwhile, ms', late.at - continuedAt);
    expect(late.at - continuedAt).to.be.at.most(5_000 + lateness.worstMs);
    for (const agent of ['slow', 'beside']) {
      const events = await eventsAbout(other, agent, 'session.ended');
      expect(events, agent).to.have.length(1);
    }
    await until(
      async () => (await apiOf(other.url, signServiceToken()).get('/v1/agents/busy')).body.tabs === 2,
      'its tabs in presence again',
    );
    figure('from SIGCONT to its tabs in presence, ms', Date.now() - continuedAt);
    expect(busy.flatMap((tab) => tab.all('ended'))).to.deep.equal([]);
    expectSound(nodes);
  });

  it('says so when it alone is cut off from Redis, and sends its tabs elsewhere after 20 s', async () => {
    const redis = cleanup.using(await startRedis());
    const wire = cleanup.using(await layWire(redis));
    const times = { leadMs: 12_000, timeoutMs: 60_000 };
    const [other] = await startNodes(redis.url, { times, count: 1 });
    cleanup.using(other!);
    const [alone] = await startNodes(`redis://127.0.0.1:${wire.port}`, { times, count: 1 });
    cleanup.using(alone!);
    const token = signToken({ sub: 'ann' });
    const tab = cleanup.using(await openTab(alone!.url, token));

    wire.cut();
    const cutAt = Date.now();
    const api = apiOf(alone!.url, token);
    await until(async () => (await api.get('/readyz')).status === 503, 'not ready');
    figure('from the cut to /readyz 503, ms', Date.now() - cutAt);
    expect((await api.get('/v1/verify')).status).to.equal(503);
    expect((await api.get('/healthz')).status).to.equal(200);
    tab.activity();
    const typedAt = Date.now();
    const { at } = await tab.next('reconnect', () => true, 25_000);
    figure('from the cut to `reconnect`, ms', at - cutAt);
    expect(at - cutAt).to.be.within(20_000, 22_000);
    const moved = cleanup.using(await openTab(other!.url, token));
    moved.activity(Date.now() - typedAt);
    await until(async () => {
      const { body } = await apiOf(other!.url, token).get('/v1/session');
      return Math.abs(body.lastActivityAt - typedAt) < 100;
    }, 'its last input, repeated');

    wire.mend();
    const mendedAt = Date.now();
    await until(async () => (await api.get('/readyz')).status === 200, 'ready again');
    figure('from the mending to /readyz 200, ms', Date.now() - mendedAt);
    expect((await api.get('/v1/verify')).status).to.equal(204);
    expectSound([other!, alone!]);
  });

  it('decides nothing by its own clock: nodes ten minutes apart agree', async () => {
    const redis = cleanup.using(await startRedis());
    const shifted = (ms: number): Clock => ({ ...systemClock, now: () => systemClock.now() + ms });
    const env = { PORT: '0', HOST: '127.0.0.1', VIGIL_JWT_SECRET: SECRET, ...settingsFor(redis.url, SHORT) };
    const nodes = [];
    for (const ms of [-600_000, 600_000]) {
      nodes.push(cleanup.using(await startNode(readConfig(env), { clock: shifted(ms) })));
    }
    await setTimeoutOf(nodes[0]!.url, 'acme', SHORT.timeoutMs / 1_000);
    const lateness = cleanup.using(measureLateness());
    const token = signToken({ sub: 'ann' });
    const tabs = [];
    for (const node of nodes) tabs.push(cleanup.using(await openTab(node.url, token)));
    tabs[0]!.activity();
    await pause(500);
    tabs[1]!.activity();
    const typedAt = Date.now();
    for (const tab of tabs) {
      const warning = await tab.next('warning', () => true, 10_000);
      expectPrompt(warning.at - typedAt - (SHORT.timeoutMs - SHORT.leadMs) + 10, lateness, 'the warning');
    }
    for (const tab of tabs) {
      const { at } = await tab.next('ended', () => true, 10_000);
      expectPrompt(at - typedAt - SHORT.timeoutMs + 10, lateness, 'the end');
    }
    expect(await eventsAbout(nodes[0]!, 'ann', 'session.ended')).to.have.length(1);
  });
});
