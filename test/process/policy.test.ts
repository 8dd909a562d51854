import { expect } from 'chai';
import { apiOf } from '../support/api.ts';
import { cleanupAfterAll } from '../support/cleanup.ts';
import { startVigil, type VigilProcess } from '../support/node-process.ts';
import { signServiceToken } from '../support/tokens.ts';
import { expectProblem } from './problems.ts';

const POLICY = { timeoutSeconds: 3_600, rememberMe: { agent: true, requester: false } };

describe('the policy, from outside', () => {
  const cleanup = cleanupAfterAll();
  let node: VigilProcess;

  before(async () => {
    node = cleanup.using(await startVigil());
  });

  const backend = (account: string) => apiOf(node.url, signServiceToken({ account }));

  it('shows the login page what it may offer, to anybody', async () => {
    await backend('shop').put('/v1/policy', {
      timeoutSeconds: 900,
      rememberMe: { agent: false, requester: true },
    });
    const shown = async (account: string) =>
      (await apiOf(node.url).get(`/v1/login-options?account=${account}`)).body;
    expect(await shown('shop')).to.deep.equal({
      agent: { rememberMe: false },
      requester: { rememberMe: true },
    });
    expect(await shown('unheard%20of')).to.deep.equal({
      agent: { rememberMe: true },
      requester: { rememberMe: true },
    });
  });

  it('starts from 24 hours and both remembered', async () => {
    const { body, headers } = await backend('fresh').get('/v1/policy');
    expect(body).to.deep.include({
      timeoutSeconds: 86_400,
      rememberMe: { agent: true, requester: true },
      leadSeconds: 60,
      limits: { minSeconds: 900, maxSeconds: 2_592_000 },
      updatedAt: null,
      updatedBy: null,
    });
    expect(headers.get('etag')).to.match(/^(W\/)?".+"$/);
  });

  it('takes what is in range and nothing else', async () => {
    const put = (body: unknown) => backend('range').put('/v1/policy', body);
    for (const timeoutSeconds of [899, 2_592_001, 0, -1]) {
      expectProblem(await put({ ...POLICY, timeoutSeconds }), { status: 422, code: 'out_of_range' });
    }
    for (const body of [
      {},
      [],
      null,
      { ...POLICY, timeoutSeconds: '900' },
      { ...POLICY, timeoutSeconds: 900.5 },
      { ...POLICY, rememberMe: true },
    ]) {
      const { status, body: problem } = await put(body);
      expect([status, problem.code].join(' '), JSON.stringify(body)).to.be.oneOf([
        '422 invalid',
        '422 out_of_range',
        '400 bad_request',
      ]);
    }
    for (const timeoutSeconds of [900, 2_592_000]) {
      expect((await put({ ...POLICY, timeoutSeconds })).body).to.deep.include({
        ...POLICY,
        timeoutSeconds,
      });
    }
  });

  it('is not overwritten by whoever looked at an older one', async () => {
    const first = await backend('edited').put('/v1/policy', POLICY);
    const etag =
      first.headers.get('etag') ?? (await backend('edited').get('/v1/policy')).headers.get('etag')!;
    const mine = await backend('edited').put(
      '/v1/policy',
      { ...POLICY, timeoutSeconds: 1_000 },
      { 'if-match': etag },
    );
    expect(mine.status).to.equal(200);
    const late = await backend('edited').put(
      '/v1/policy',
      { ...POLICY, timeoutSeconds: 2_000 },
      { 'if-match': etag },
    );
    expectProblem(late, { status: 412, code: 'precondition_failed' });
    expect((await backend('edited').get('/v1/policy')).body.timeoutSeconds).to.equal(1_000);
  });
});
