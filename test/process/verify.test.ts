import { expect } from 'chai';
import { apiOf } from '../support/api.ts';
import { cleanupAfterAll } from '../support/cleanup.ts';
import { startVigil, type VigilProcess } from '../support/node-process.ts';
import { newSid, signServiceToken, signToken } from '../support/tokens.ts';
import { expectProblem } from './problems.ts';

describe('forward-auth', () => {
  const cleanup = cleanupAfterAll();
  let node: VigilProcess;

  before(async () => {
    node = cleanup.using(await startVigil({ VIGIL_VERIFY_COOKIE: 'desk_token' }));
  });

  it('names the agent, the account and the session, percent-encoded', async () => {
    const sid = newSid();
    const { status, headers } = await apiOf(node.url, signToken({ sub: 'Zoë/1', sid })).get('/v1/verify');
    expect(status).to.equal(204);
    expect(headers.get('x-vigil-agent')).to.equal('Zo%C3%AB%2F1');
    expect(headers.get('x-vigil-account')).to.equal('acme');
    expect(headers.get('x-vigil-session')).to.equal(sid);
  });

  it('takes the token from the cookie that is set up for it, and no other call does', async () => {
    const cookie = { cookie: `theme=dark; desk_token=${signToken()}` };
    expect((await apiOf(node.url).get('/v1/verify', cookie)).status).to.equal(204);
    expectProblem(await apiOf(node.url).get('/v1/session', cookie), { status: 401, code: 'token_missing' });
    expectProblem(await apiOf(node.url).get('/v1/verify', { cookie: 'desk_token=x' }), {
      status: 401,
      code: 'token_invalid',
    });
  });

  it('says no to a service token, which has no session', async () => {
    expect((await apiOf(node.url, signServiceToken()).get('/v1/verify')).status).to.equal(401);
  });
});
