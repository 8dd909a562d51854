import { expect } from 'chai';
import { setTimeoutOf } from '../process/short-node.ts';
import { apiOf } from '../support/api.ts';
import { cleanupAfterAll } from '../support/cleanup.ts';
import { startVigil, type VigilProcess } from '../support/node-process.ts';
import { startRedis } from '../support/redis.ts';
import { openTab, Tab } from '../support/tab.ts';
import { agentClaims, newSid, sign, signServiceToken, type TestClaims } from '../support/tokens.ts';
import { TOKEN_CALLS } from './calls.ts';

interface Ended {
  how: string;
  reason: string;
  sid: string;
}

/** How a session ends, by whom it is ended on node `a`. */
const ENDINGS: [
  how: string,
  reason: string,
  end: (a: VigilProcess, token: string, claims: TestClaims) => Promise<unknown>,
][] = [
  ['the agent’s logout in a tab', 'logout', async (a, token) => (await openTab(a.url, token)).logout()],
  ['the agent’s logout by HTTP', 'logout', (a, token) => apiOf(a.url, token).delete('/v1/session')],
  [
    'the host’s logout',
    'logout',
    (a, _token, { sid }) => apiOf(a.url, signServiceToken()).delete(`/v1/sessions/${sid}`),
  ],
  [
    'a manager',
    'admin',
    (a, _token, { sub }) => apiOf(a.url, signServiceToken()).post(`/v1/agents/${sub}/sign-out`),
  ],
  [
    'its fifty-first sibling',
    'logout',
    async (a, _token, { sub }) => {
      for (let i = 0; i < 50; i += 1)
        await apiOf(a.url, sign(agentClaims(Date.now(), { sub, sid: newSid() }))).get('/v1/session');
    },
  ],
];

describe('the token of a session that has ended', function () {
  this.timeout(40_000);
  const cleanup = cleanupAfterAll();
  let nodes: [VigilProcess, VigilProcess];
  const ended: Ended[] = [];

  const claimsOf = (sub: string, sid: string, claims: TestClaims = {}) =>
    agentClaims(Date.now(), { sub, sid, permissions: ['manage_security'], ...claims });

  before(async () => {
    const redis = cleanup.using(await startRedis());
    const settings = { REDIS_URL: redis.url, VIGIL_MIN_TIMEOUT: '2s', VIGIL_WARNING_LEAD: '1s' };
    const [a, b] = await Promise.all([startVigil(settings), startVigil(settings)]);
    nodes = [cleanup.using(a!), cleanup.using(b!)];
    for (const [index, [how, reason, end]] of ENDINGS.entries()) {
      const [sub, sid] = [`ended-${index}`, newSid()];
      // A while ago, so that it is the oldest of its agent's.
      const token = sign(claimsOf(sub, sid, { iat: Math.floor(Date.now() / 1000) - 30 }));
      // Alive on both.
      for (const { url } of nodes) expect((await apiOf(url, token).get('/v1/session')).status).to.equal(200);
      await end(a!, token, { sub, sid });
      ended.push({ how, reason, sid });
    }
    await setTimeoutOf(a!.url, 'short', 2);
    const late = claimsOf('ended-by-time', newSid(), { account: 'short' });
    const tab = cleanup.using(await openTab(a!.url, sign(late)));
    await tab.next('ended', undefined, 10_000);
    ended.push({ how: 'the timeout', reason: 'timeout', sid: String(late.sid) });
  });

  for (const [index, how] of [...ENDINGS.map(([name]) => name), 'the timeout'].entries()) {
    it(`opens nothing any more on any node, ended by ${how}`, async () => {
      const { reason, sid } = ended[index]!;
      const [sub, account] = how === 'the timeout' ? ['ended-by-time', 'short'] : [`ended-${index}`, 'acme'];
      const now = Math.floor(Date.now() / 1000);
      const tokens = {
        'the same login': sign(claimsOf(sub, sid, { account })),
        'one that claims a later login': sign(
          claimsOf(sub, sid, { account, iat: now + 30, auth_time: now + 30 }),
        ),
        'one that was issued before': sign(claimsOf(sub, sid, { account, iat: now - 600 })),
      };
      for (const { url } of nodes) {
        for (const [what, token] of Object.entries(tokens)) {
          for (const call of TOKEN_CALLS) {
            const answer = await call.make(url, token, { id: sub, sid });
            expect(
              [answer.status, answer.body.code, answer.body.reason],
              `${call.name} with ${what}`,
            ).to.deep.equal([401, 'session_ended', reason]);
          }
          for (const namespace of ['/', '/presence'])
            for (const transport of ['websocket', 'polling'] as const) {
              const tab = cleanup.using(new Tab(`${url}${namespace}`, token, { transports: [transport] }));
              expect(await tab.refused(), `${namespace} by ${transport} with ${what}`).to.deep.equal({
                code: 'session_ended',
                reason,
              });
            }
        }
      }
    });
  }

  it('opens nothing after every node was killed and started anew', async () => {
    const [a, b] = nodes;
    await Promise.all([a.kill('SIGKILL'), b.kill('SIGKILL')]);
    nodes = [cleanup.using(await a.restart()), cleanup.using(await b.restart())];
    for (const [index, { reason, sid }] of ended.entries()) {
      const account = index === ENDINGS.length ? 'short' : 'acme';
      const sub = index === ENDINGS.length ? 'ended-by-time' : `ended-${index}`;
      for (const { url } of nodes) {
        const token = sign(claimsOf(sub, sid, { account }));
        const answer = await apiOf(url, token).get('/v1/session');
        expect([answer.body.code, answer.body.reason]).to.deep.equal(['session_ended', reason]);
        const tab = cleanup.using(new Tab(url, token));
        expect(await tab.refused()).to.deep.equal({ code: 'session_ended', reason });
      }
    }
  });
});
