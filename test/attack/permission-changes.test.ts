import { expect } from 'chai';
import { apiOf } from '../support/api.ts';
import { cleanupAfterAll } from '../support/cleanup.ts';
import { startVigil, type VigilProcess } from '../support/node-process.ts';
import { startRedis } from '../support/redis.ts';
import { openTab, Tab } from '../support/tab.ts';
import { agentClaims, newSid, sign, signServiceToken, type TestClaims } from '../support/tokens.ts';

describe('a dashboard’s stream, whose permission is taken away on another node', function () {
  this.timeout(30_000);
  const cleanup = cleanupAfterAll();
  let a: VigilProcess;
  let b: VigilProcess;

  before(async () => {
    const redis = cleanup.using(await startRedis());
    const nodes = await Promise.all([
      startVigil({ REDIS_URL: redis.url }),
      startVigil({ REDIS_URL: redis.url }),
    ]);
    [a, b] = nodes.map((node) => cleanup.using(node)) as [VigilProcess, VigilProcess];
  });

  const WITHIN_MS = 1_000;
  const iat = () => Math.floor(Date.now() / 1000);
  const loginOf = (sub: string, sid: string, claims: TestClaims) =>
    sign(agentClaims(Date.now(), { sub, sid, ...claims }));

  /** A dashboard and a tab of one login, on node `b`. */
  async function watchOn(node: VigilProcess, sub: string) {
    const sid = newSid();
    const token = loginOf(sub, sid, { iat: iat() - 10, permissions: ['view_presence'] });
    const tab = cleanup.using(await openTab(node.url, token));
    const dashboard = cleanup.using(new Tab(`${node.url}/presence`, token));
    await dashboard.connected();
    return { sid, token, tab, dashboard };
  }

  /** How long it takes until the dashboard's socket is closed. */
  async function closesAfter(dashboard: Tab, act: () => Promise<unknown>): Promise<number> {
    const closed = dashboard.disconnected(10_000).then(() => performance.now());
    await act();
    const acted = performance.now();
    return (await closed) - acted;
  }

  const newer = (sub: string, sid: string) => loginOf(sub, sid, { iat: iat(), permissions: [] });
  const ways: [string, string, (sub: string, sid: string) => Promise<unknown>][] = [
    [
      'a newer token without it is shown to a call',
      'by-call',
      (sub, sid) => apiOf(a.url, newer(sub, sid)).get('/v1/session'),
    ],
    [
      'a newer token without it opens a tab',
      'by-tab',
      async (sub, sid) => cleanup.using(await openTab(a.url, newer(sub, sid))),
    ],
    [
      'the host’s back end ends the login',
      'by-host',
      (_sub, sid) => apiOf(a.url, signServiceToken()).delete(`/v1/sessions/${sid}`),
    ],
    [
      'the host’s back end signs the agent out',
      'by-sign-out',
      (sub) => apiOf(a.url, signServiceToken()).post(`/v1/agents/${sub}/sign-out`),
    ],
  ];
  for (const [what, sub, act] of ways) {
    it(`is closed within a second where ${what}`, async () => {
      const { sid, tab, dashboard } = await watchOn(b, sub);
      const other = await watchOn(b, `${sub}-other`);
      expect(await closesAfter(dashboard, () => act(sub, sid))).to.be.below(WITHIN_MS);
      if (/newer/.test(what)) expect(tab.socket.connected, 'the session itself goes on').to.equal(true);
      else await tab.next('ended');
      expect(other.dashboard.socket.connected, 'nobody else’s').to.equal(true);
    });
  }

  it('is closed within a second where the tab itself shows the newer token', async () => {
    const { sid, tab, dashboard } = await watchOn(b, 'by-itself');
    const socket = tab.socket as unknown as { emitWithAck(event: string, payload: object): Promise<unknown> };
    const token = newer('by-itself', sid);
    expect(await closesAfter(dashboard, () => socket.emitWithAck('token', { token }))).to.be.below(WITHIN_MS);
  });

  it('does not open again with the older token, on either node', async () => {
    const { sid, token, dashboard } = await watchOn(b, 'again');
    await closesAfter(dashboard, () => apiOf(a.url, newer('again', sid)).get('/v1/session'));
    for (const { url } of [a, b]) {
      expect(await cleanup.using(new Tab(`${url}/presence`, token)).refused()).to.deep.equal({
        code: 'forbidden',
      });
      expect((await apiOf(url, token).get('/v1/agents')).status).to.equal(403);
    }
  });
});
