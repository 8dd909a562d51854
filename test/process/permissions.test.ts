import { expect } from 'chai';
import { type Answer, apiOf } from '../support/api.ts';
import { cleanupAfterAll } from '../support/cleanup.ts';
import { startVigil, type VigilProcess } from '../support/node-process.ts';
import { newSid, signServiceToken, signToken } from '../support/tokens.ts';
import { expectProblem } from './problems.ts';

const POLICY = { timeoutSeconds: 3_600, rememberMe: { agent: true, requester: false } };

describe('access by permission', () => {
  const cleanup = cleanupAfterAll();
  let node: VigilProcess;

  before(async () => {
    node = cleanup.using(await startVigil());
  });

  const calls: [string, 'manage_security' | 'view_presence', (token: string) => Promise<Answer>][] = [
    ['reading the policy', 'manage_security', (token) => apiOf(node.url, token).get('/v1/policy')],
    ['changing the policy', 'manage_security', (token) => apiOf(node.url, token).put('/v1/policy', POLICY)],
    [
      'previewing a policy',
      'manage_security',
      (token) => apiOf(node.url, token).post('/v1/policy/preview', { timeoutSeconds: 3_600 }),
    ],
    ['reading the audit log', 'manage_security', (token) => apiOf(node.url, token).get('/v1/audit')],
    [
      'signing an agent out',
      'manage_security',
      (token) => apiOf(node.url, token).post('/v1/agents/target/sign-out'),
    ],
    [
      'setting another’s availability',
      'manage_security',
      (token) => apiOf(node.url, token).put('/v1/agents/target/availability', { available: true }),
    ],
    ['listing agents', 'view_presence', (token) => apiOf(node.url, token).get('/v1/agents')],
    ['looking at an agent', 'view_presence', (token) => apiOf(node.url, token).get('/v1/agents/target')],
    [
      'looking at an agent’s last day',
      'view_presence',
      (token) => apiOf(node.url, token).get('/v1/agents/target/trail'),
    ],
    [
      'reading presence over time',
      'view_presence',
      (token) => apiOf(node.url, token).get('/v1/presence/history'),
    ],
    ['listing the available', 'view_presence', (token) => apiOf(node.url, token).get('/v1/agents/available')],
  ];

  for (const [what, needs, call] of calls) {
    it(`allows ${what} to ${needs} alone, and of the own account alone`, async () => {
      const target = () =>
        apiOf(node.url, signToken({ sub: 'target', auto_assign: true })).get('/v1/session');
      const granted = needs === 'view_presence' ? ['manage_security', 'view_presence'] : ['manage_security'];
      const denied = needs === 'manage_security' ? [[], ['view_presence'], ['admin']] : [[], ['admin']];
      for (const permissions of denied) {
        await target();
        expectProblem(await call(signToken({ permissions })), { status: 403, code: 'forbidden' });
        expectProblem(await call(signServiceToken({ permissions })), { status: 403, code: 'forbidden' });
      }
      for (const permission of granted) {
        await target();
        expect((await call(signToken({ permissions: [permission] }))).status).to.be.within(200, 204);
        await target();
        expect((await call(signServiceToken({ permissions: [permission] }))).status).to.be.within(200, 204);
      }
      await target();
      const elsewhere = await call(signToken({ account: 'other', permissions: ['manage_security'] }));
      expect(elsewhere.status).to.be.oneOf([200, 404]);
      expect(JSON.stringify(elsewhere.body)).to.not.include('target');
      if (what.includes('agent') && !what.includes('listing')) expect(elsewhere.status).to.equal(404);
      expect((await target()).status, 'untouched from elsewhere').to.equal(200);
    });
  }

  it('lets agents set their own availability where they take part', async () => {
    const taking = signToken({ sub: 'taking part', auto_assign: true });
    const put = (token: string, sub: string) =>
      apiOf(node.url, token).put(`/v1/agents/${encodeURIComponent(sub)}/availability`, {
        available: false,
      });
    expect((await put(taking, 'taking part')).status).to.be.within(200, 204);
    expect((await apiOf(node.url, taking).get('/v1/session')).body.available).to.equal(false);
    const apart = signToken({ sub: 'apart' });
    expectProblem(await put(apart, 'apart'), { status: 409, code: 'not_participating' });
  });

  it('lets the newest token of a login say what it may', async () => {
    const login = { sub: 'promoted', sid: newSid() };
    const iat = Math.floor(Date.now() / 1000) - 10;
    const first = signToken({ ...login, iat, exp: iat + 600 });
    const promoted = signToken({
      ...login,
      iat: iat + 5,
      exp: iat + 600,
      permissions: ['manage_security'],
    });
    const demoted = signToken({ ...login, iat: iat + 9, exp: iat + 600 });
    expect((await apiOf(node.url, first).get('/v1/policy')).status).to.equal(403);
    expect((await apiOf(node.url, promoted).get('/v1/policy')).status).to.equal(200);
    expect(
      (await apiOf(node.url, first).get('/v1/policy')).status,
      'the older token is no way back',
    ).to.equal(200);
    expect((await apiOf(node.url, demoted).get('/v1/policy')).status).to.equal(403);
    expect((await apiOf(node.url, promoted).get('/v1/policy')).status, 'nor is the stronger one').to.equal(
      403,
    );
  });

  it('keeps the calls for hosts to service tokens', async () => {
    const manager = signToken({ permissions: ['manage_security'] });
    const sid = newSid();
    for (const permissions of [['manage_security'], ['view_presence'], []]) {
      const refused = await apiOf(node.url, signToken({ permissions })).get('/v1/events');
      expectProblem(refused, { status: 403, code: 'forbidden' });
    }
    expect((await apiOf(node.url, signServiceToken()).get('/v1/events')).status).to.equal(200);
    expectProblem(await apiOf(node.url, manager).get(`/v1/sessions/${sid}`), {
      status: 403,
      code: 'forbidden',
    });
    expectProblem(await apiOf(node.url, manager).delete(`/v1/sessions/${sid}`), {
      status: 403,
      code: 'forbidden',
    });
    await apiOf(node.url, signToken({ sid })).get('/v1/session');
    const other = apiOf(node.url, signServiceToken({ account: 'other' }));
    expectProblem(await other.get(`/v1/sessions/${sid}`), { status: 404, code: 'not_found' });
    await other.delete(`/v1/sessions/${sid}`);
    const alive = await apiOf(node.url, signServiceToken()).get(`/v1/sessions/${sid}`);
    expect(alive.body, 'the same sid in another account is another login').to.include({
      live: true,
      agent: 'ada',
    });
  });
});
