import { expect } from 'chai';
import { setTimeoutOf } from '../process/short-node.ts';
import { apiOf } from '../support/api.ts';
import { expectPrompt, figure, type Lateness, measureLateness, PROMPT_MS } from '../support/measuring.ts';
import type { VigilProcess } from '../support/node-process.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { openTab, Tab } from '../support/tab.ts';
import { describeTogether } from '../support/together.ts';
import { newSid, signServiceToken, signToken } from '../support/tokens.ts';
import { eventsAbout, expectSound, startNodes } from './nodes.ts';
import { PresenceWatcher } from './presence-watcher.ts';

// Room in the lead for what a dashboard is told at most once a second.
const TIMES = { leadMs: 3_500, timeoutMs: 7_000 };
const IDLE_AFTER_MS = 2_000;
const LEAVE_GRACE_MS = 500;
/** From what an agent does to what a dashboard on another node shows. */
const SHOWN_MS = 1_500;

let redis: RedisServer;
let nodes: VigilProcess[];
let lateness: Lateness;

describeTogether(
  'three node processes on one Redis',
  {
    async setUp() {
      lateness = measureLateness();
      redis = await startRedis({ persistence: 'aof' });
      const env = {
        VIGIL_IDLE_AFTER: `${IDLE_AFTER_MS}ms`,
        VIGIL_LEAVE_GRACE: `${LEAVE_GRACE_MS}ms`,
      };
      nodes = await startNodes(redis.url, { times: TIMES, env });
    },
    async tearDown() {
      lateness.close();
      expectSound(nodes);
      await Promise.all(nodes.map((node) => node.close()));
      await redis.close();
    },
    timeoutMs: 40_000,
  },
  (test) => {
    test('warn an agent in every tab, let input in one dismiss it in all, end all together and write it down once', async () => {
      const token = signToken({ sub: 'ann' });
      const tabs = await openEverywhere(token);
      const { warnAt } = tabs[0]!.all('session').at(-1)!.message;
      await heardEverywhere(tabs, 'warning', warnAt);

      tabs[1]!.activity();
      const typedAt = Date.now();
      const resumed = await Promise.all(tabs.map((tab) => tab.next('session', isActive)));
      const delays = resumed.map(({ at }) => at - typedAt);
      figure('from input in one tab to the dismissal in all, ms', Math.max(...delays));
      for (const delay of delays) expectPrompt(delay, lateness, 'the dismissal');

      const { endsAt } = (await tabs[2]!.next('warning')).message;
      await heardEverywhere(tabs, 'ended', endsAt);
      const ended = await eventsAbout(nodes[0]!, 'ann', 'session.ended');
      expect(ended.map(({ at }) => at - endsAt >= 0)).to.deep.equal([true]);
      for (const tab of tabs) {
        expect(tab.all('warning')).to.have.length(2);
        expect(tab.all('ended')).to.have.length(1);
        tab.close();
      }
    });

    test('put a policy that one of them saved in force on the others', async () => {
      const token = signToken({ sub: 'bea', account: 'beta' });
      const tabs = await openEverywhere(token);
      const changedAt = Date.now();
      await setTimeoutOf(nodes[0]!.url, 'beta', 1_800);
      for (const tab of tabs) {
        const { at } = await tab.next('session', ({ timeoutMs }) => timeoutMs === 1_800_000);
        expectPrompt(at - changedAt, lateness, 'the new timeout', 1_000);
        tab.close();
      }
      for (const node of nodes) {
        const { body } = await apiOf(node.url, signServiceToken({ account: 'beta' })).get('/v1/policy');
        expect(body.timeoutSeconds).to.equal(1_800);
      }
    });

    test('refuse a sid that ended on one of them on each, by socket and by HTTP', async () => {
      const sid = newSid();
      const token = signToken({ sub: 'cyd', sid, permissions: ['view_presence'] });
      const tabs = await openEverywhere(token);
      const answer = await apiOf(nodes[0]!.url, signServiceToken()).post('/v1/agents/cyd/sign-out');
      expect(answer.status).to.equal(204);
      for (const tab of tabs) expect((await tab.next('ended')).message.reason).to.equal('admin');
      for (const { url } of nodes) {
        for (const namespace of ['', '/presence']) {
          const again = new Tab(`${url}${namespace}`, token);
          expect(await again.refused()).to.deep.equal({ code: 'session_ended', reason: 'admin' });
          again.close();
        }
        expect((await apiOf(url, token).get('/v1/verify')).status).to.equal(401);
        const seen = await apiOf(url, signServiceToken()).get(`/v1/sessions/${sid}`);
        expect(seen.body).to.include({ live: false, reason: 'admin' });
      }
      expect(await eventsAbout(nodes[1]!, 'cyd', 'session.ended')).to.have.length(1);
    });

    test('show a dashboard on one what happens in a tab on another', async () => {
      const account = 'gamma';
      await setTimeoutOf(nodes[0]!.url, account, TIMES.timeoutMs / 1000);
      const watching = signServiceToken({ account, permissions: ['view_presence'] });
      const dashboardToken = signToken({ sub: 'chief', account, permissions: ['view_presence'] });
      expect((await apiOf(nodes[2]!.url, watching).get('/v1/agents')).status).to.equal(200);
      const dashboard = await new PresenceWatcher(nodes[2]!.url, dashboardToken).complete();
      const tab = await openTab(nodes[0]!.url, signToken({ sub: 'dan', account }));
      const shown = async (what: string, since: number, is: Parameters<typeof dashboard.sees>[2]) => {
        const delay = (await dashboard.sees('dan', what, is)) - since;
        figure(`from ${what} to the dashboard, ms`, delay);
        expectPrompt(delay, lateness, what, SHOWN_MS);
      };

      await shown('open', Date.now(), (row) => row?.state === 'active');
      tab.activity();
      const typedAt = Date.now();
      tab.focus(false);
      await shown('hidden', typedAt, (row) => row?.state === 'background');
      tab.focus(true);
      await shown('idle', typedAt + IDLE_AFTER_MS - PROMPT_MS, (row) => row?.state === 'idle');
      const { message } = await tab.next('warning');
      await shown('warned', message.endsAt - TIMES.leadMs, (row) => row?.warned === true);
      const closedAt = Date.now();
      tab.close();
      await shown('closed', closedAt + LEAVE_GRACE_MS, (row) => row?.state === 'offline');
      await shown('ended', message.endsAt, (row) => row === undefined);
      dashboard.close();
    });
  },
);

async function openEverywhere(token: string): Promise<Tab[]> {
  const tabs: Tab[] = [];
  for (const node of nodes) tabs.push(await openTab(node.url, token));
  return tabs;
}

function isActive({ state }: { state: string }): boolean {
  return state === 'active';
}

async function heardEverywhere(tabs: Tab[], event: 'warning' | 'ended', momentAt: number): Promise<void> {
  const heard = await Promise.all(tabs.map((tab) => tab.next(event, () => true, 10_000)));
  const delays = heard.map(({ at }) => at - momentAt);
  figure(`from the moment of the ${event} to the last tab, ms`, Math.max(...delays));
  for (const delay of delays) expectPrompt(delay, lateness, event);
}
