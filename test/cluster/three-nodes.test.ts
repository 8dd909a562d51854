import { expect } from 'chai';
import { systemClock } from '../../server/clock.ts';
import { readConfig } from '../../server/config.ts';
import { startNode, type VigilNode } from '../../server/node.ts';
import { setTimeoutOf } from '../process/short-node.ts';
import { apiOf } from '../support/api.ts';
import { cleanupAfterAll } from '../support/cleanup.ts';
import { startRedis } from '../support/redis.ts';
import { startRedisCluster } from '../support/redis-cluster.ts';
import { startRedisSentinel } from '../support/redis-sentinel.ts';
import { openTab, Tab } from '../support/tab.ts';
import { SECRET, signServiceToken, signToken } from '../support/tokens.ts';

const LEAD_MS = 1_500;
const TIMEOUT_MS = 3_000;
const PROMPT_MS = 250;

for (const [where, start] of [
  ['one Redis', () => startRedis()],
  ['Redis Sentinel', () => startRedisSentinel()],
  ['a Redis Cluster', () => startRedisCluster()],
] as const) {
  describe(`three nodes on ${where}`, function () {
    this.timeout(60_000);
    const cleanup = cleanupAfterAll();
    let nodes: VigilNode[];
    let tabs: Tab[];
    let token: string;

    before(async () => {
      const redis = cleanup.using(await start());
      const config = readConfig({
        PORT: '0',
        HOST: '127.0.0.1',
        REDIS_URL: redis.url,
        VIGIL_JWT_SECRET: SECRET,
        VIGIL_WARNING_LEAD: `${LEAD_MS}ms`,
        VIGIL_MIN_TIMEOUT: `${TIMEOUT_MS}ms`,
      });
      nodes = [];
      for (let count = 0; count < 3; count += 1)
        nodes.push(cleanup.using(await startNode(config, { clock: systemClock })));
      await setTimeoutOf(nodes[0]!.url, 'acme', TIMEOUT_MS / 1000);
      token = signToken({ sub: 'ann' });
      tabs = [];
      for (const node of nodes) tabs.push(cleanup.using(await openTab(node.url, token)));
    });

    /** Each tab's copy of it, within 250 ms of its moment. */
    async function expectEverywhere(event: 'warning' | 'ended', momentAt: number): Promise<void> {
      for (const tab of tabs) {
        const { at } = await tab.next(event);
        expect(at - momentAt).to.be.within(-5, PROMPT_MS);
      }
    }

    it('warn the tabs of one agent everywhere at the moment, and let input on one dismiss it everywhere', async () => {
      const [first] = tabs;
      const warnAt = first!.all('session').at(-1)!.message.warnAt;
      await expectEverywhere('warning', warnAt);
      const typedAt = Date.now();
      first!.activity();
      for (const tab of tabs) {
        const { message, at } = await tab.next('session', ({ state }) => state === 'active');
        expect(message.lastActivityAt).to.be.within(typedAt - 50, typedAt + 50);
        expect(at - typedAt).to.be.below(PROMPT_MS);
      }
    });

    it('count a tab once, wherever it is', async () => {
      const answer = await apiOf(nodes[2]!.url, signServiceToken()).get('/v1/agents/ann');
      expect(answer.body).to.include({ tabs: 3, sessions: 1 });
    });

    it('end the session everywhere when it is over', async () => {
      const { endsAt } = (await tabs[1]!.next('warning')).message;
      await expectEverywhere('ended', endsAt);
      for (const node of nodes) {
        const again = cleanup.using(new Tab(node.url, token));
        expect(await again.refused()).to.deep.equal({ code: 'session_ended', reason: 'timeout' });
      }
    });
  });
}
