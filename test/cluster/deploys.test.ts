import { expect } from 'chai';
import { apiOf } from '../support/api.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { Crowd } from '../support/crowd.ts';
import { figure, measureLateness } from '../support/measuring.ts';
import type { VigilProcess } from '../support/node-process.ts';
import { startBalancer } from '../support/proxies.ts';
import { startRedis } from '../support/redis.ts';
import { signServiceToken, signToken } from '../support/tokens.ts';
import { pause, until } from '../support/waiting.ts';
import { eventsOf, expectSound, startNodes, untilReady } from './nodes.ts';
import { PresenceWatcher } from './presence-watcher.ts';

const AGENTS = 1_000;
const TABS_EACH = 3;
const VISIBLE_AWAY_MS = 5_000;
/** HAProxy looks every half second, and twice before it believes it. */
const NOTICED_MS = 1_500;

describe('a rolling restart', function () {
  this.timeout(150_000);
  const cleanup = cleanupAfterEach();

  it('of three nodes under 3,000 tabs: nobody is signed out or shown offline, no input is lost, no tab is away for long', async () => {
    const redis = cleanup.using(await startRedis());
    const times = { leadMs: 10_000, timeoutMs: 300_000 };
    const nodes = await startNodes(redis.url, { times });
    const first = [...nodes];
    cleanup.using({ close: () => Promise.all(nodes.map((node) => node.close())) });
    const balancer = cleanup.using(await startBalancer(nodes));
    const lateness = cleanup.using(measureLateness());
    const tokens = Array.from({ length: AGENTS }, (_, index) => signToken({ sub: `agent-${index}` }));
    const agentOf = (index: number) => Math.floor(index / TABS_EACH);
    const crowd = cleanup.using(
      new Crowd({ url: () => balancer.url, token: (index) => tokens[agentOf(index)]! }),
    );
    await crowd.open(AGENTS * TABS_EACH, { pace: 150 });
    const chief = signToken({ sub: 'chief', permissions: ['view_presence'] });
    const dashboard = cleanup.using(await new PresenceWatcher(balancer.url, chief).complete());
    await until(
      () => [...dashboard.rows.values()].filter(({ state }) => state === 'active').length > AGENTS,
      'everybody at work',
      { timeoutMs: 30_000 },
    );
    const startedAt = Date.now();
    const seenBefore = dashboard.shown.length;

    // Everybody types now and then, in one tab or another, whatever becomes of its connection.
    let turn = 0;
    const typing = setInterval(() => {
      for (let count = 0; count < 25; count += 1) {
        crowd.input(crowd.tabs[(turn * 7) % crowd.tabs.length]!);
        turn += 1;
      }
    }, 100);
    cleanup.defer(() => clearInterval(typing));
    for (const [index, node] of nodes.entries()) {
      const leavingAt = Date.now();
      const exit = await node.kill('SIGTERM');
      expect(exit.code).to.equal(0);
      expect(Date.now() - leavingAt, 'gone within 10 s').to.be.below(10_000);
      nodes[index] = await node.restart();
      await untilReady(nodes[index]!);
      await pause(NOTICED_MS);
    }
    clearInterval(typing);
    figure('rolling restart, s', Math.round((Date.now() - startedAt) / 100) / 10);
    await crowd.until(() => crowd.connected === crowd.tabs.length);

    figure('tabs that moved', crowd.tabs.filter(({ connects }) => connects > 1).length);
    figure('longest without a connection, ms', crowd.longestAwayMs());
    expect(crowd.longestAwayMs()).to.be.at.most(VISIBLE_AWAY_MS + lateness.worstMs);
    expect(crowd.tabs.filter(({ ended, refused }) => ended !== null || refused !== null)).to.deep.equal([]);
    const offline = dashboard.shown.slice(seenBefore).filter(({ row }) => row.state === 'offline');
    expect(
      offline.map(({ row }) => row.id),
      'shown offline',
    ).to.deep.equal([]);
    expect(dashboard.removed).to.deep.equal([]);
    expect((await eventsOf(nodes[0]!)).filter(({ type }) => /ended|warned/.test(type))).to.deep.equal([]);
    await expectInputKept(crowd, nodes[1]!);
    expectSound(nodes);
    expect(first.map(({ running }) => running)).to.deep.equal([false, false, false]);
  });

  /** What Redis knows of each agent's last input is what the tabs know of it. */
  async function expectInputKept(crowd: Crowd, node: VigilProcess): Promise<void> {
    const typed = new Map<string, number>();
    for (const { index, lastInputAt } of crowd.tabs) {
      const agent = `agent-${Math.floor(index / TABS_EACH)}`;
      typed.set(agent, Math.max(typed.get(agent) ?? 0, lastInputAt ?? 0));
    }
    await until(
      async () => {
        let [wrong, next] = [0, ''];
        do {
          const { body } = await apiOf(node.url, signServiceToken()).get(
            `/v1/agents?limit=1000${next && `&cursor=${encodeURIComponent(next)}`}`,
          );
          for (const { id, lastActivityAt } of body.agents) {
            const at = typed.get(id) ?? 0;
            if (lastActivityAt < at - 250) wrong += 1;
          }
          next = body.next ?? '';
        } while (next !== '');
        return wrong === 0;
      },
      'all input in Redis',
      { timeoutMs: 5_000, everyMs: 250 },
    );
  }
});
