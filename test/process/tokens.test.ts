import { expect } from 'chai';
import { apiOf } from '../support/api.ts';
import { cleanupAfterAll } from '../support/cleanup.ts';
import { startVigil, type VigilProcess } from '../support/node-process.ts';
import { openTab, Tab, type TabOptions } from '../support/tab.ts';
import { agentClaims, newSid, sign, signServiceToken, signToken } from '../support/tokens.ts';
import { expectProblem } from './problems.ts';

function signWithout(claim: string): string {
  const { [claim]: _left, ...claims } = agentClaims(Date.now());
  return sign(claims);
}

describe('access by token', () => {
  const cleanup = cleanupAfterAll();
  let node: VigilProcess;

  before(async () => {
    node = cleanup.using(await startVigil());
  });

  const tabOf = async (token: string) => cleanup.using(await openTab(node.url, token));
  const refusalOf = (token: string | undefined, options?: TabOptions) =>
    cleanup.using(new Tab(node.url, token, options)).refused();

  // Made when they are used: some of them are about time.
  const now = () => Math.floor(Date.now() / 1000);
  const bad: [string, () => string | undefined, string][] = [
    ['none', () => undefined, 'token_missing'],
    ['an empty one', () => '', 'token_missing'],
    ['no JWT', () => 'not.a.token', 'token_invalid'],
    ['another secret', () => signToken({}, 'another secret, which is as long as it takes'), 'token_invalid'],
    ['no sub', () => signWithout('sub'), 'token_invalid'],
    ['no sid', () => signWithout('sid'), 'token_invalid'],
    ['no account', () => signWithout('account'), 'token_invalid'],
    ['no exp', () => signWithout('exp'), 'token_invalid'],
    ['a future iat', () => signToken({ iat: now() + 120, exp: now() + 600 }), 'token_invalid'],
    ['an id with a line break', () => signToken({ sub: 'ada\nroot' }), 'token_invalid'],
    ['an id of 129 characters', () => signToken({ sub: 'x'.repeat(129) }), 'token_invalid'],
    ['an expired one', () => signToken({ iat: now() - 60, exp: now() - 1 }), 'token_expired'],
  ];

  for (const [what, make, code] of bad) {
    it(`refuses ${what} on sockets and by HTTP: ${code}`, async () => {
      const token = make();
      expect(await refusalOf(token)).to.deep.equal({ code });
      expectProblem(await apiOf(node.url, token).get('/v1/session'), { status: 401, code });
      expectProblem(await apiOf(node.url, token).get('/v1/verify'), { status: 401, code });
    });
  }

  it('refuses a sid that belongs to another agent', async () => {
    const sid = newSid();
    await tabOf(signToken({ sub: 'first', sid }));
    expect(await refusalOf(signToken({ sub: 'second', sid }))).to.deep.equal({ code: 'token_invalid' });
    const answer = await apiOf(node.url, signToken({ sub: 'second', sid })).get('/v1/session');
    expectProblem(answer, { status: 401, code: 'token_invalid' });
  });

  it('takes ids of any characters as they are', async () => {
    for (const sub of [
      '__proto__',
      'a:b{c}',
      '🙂'.repeat(64),
      'x'.repeat(128),
      "ada' OR 1=1 --",
      '<b>',
      'a/b?c#d',
    ]) {
      const token = signToken({ sub, account: sub });
      const { status, body } = await apiOf(node.url, token).get('/v1/session');
      expect(status, sub).to.equal(200);
      expect(body.agent).to.equal(sub);
      const verified = await apiOf(node.url, token).get('/v1/verify');
      expect(verified.headers.get('x-vigil-agent')).to.equal(encodeURIComponent(sub));
      const manager = signToken({ account: sub, permissions: ['manage_security'] });
      const found = await apiOf(node.url, manager).post(`/v1/agents/${encodeURIComponent(sub)}/sign-out`);
      expect(found.status, sub).to.equal(204);
    }
  });

  it('takes no service token for a tab', async () => {
    expect(await refusalOf(signServiceToken())).to.deep.equal({ code: 'token_invalid' });
  });

  it('ends a live socket when its token expires, and takes it back with a fresh one', async () => {
    const sid = newSid();
    const exp = Math.floor(Date.now() / 1000) + 2;
    const tab = await tabOf(signToken({ sub: 'expiring', sid, exp }));
    const { at } = await tab.next('expired');
    expect(at - exp * 1000).to.be.within(0, 250);
    await tab.disconnected();
    tab.reconnect();
    expect((await tab.refused()).code).to.equal('token_expired');
    const fresh = signToken({ sub: 'expiring', sid });
    tab.reconnect(fresh);
    await tab.next('session');
    expect(tab.all('ended')).to.deep.equal([]);
  });

  it('takes no second sid of a page for the first', async () => {
    const before = await tabOf(signToken({ sub: 'two at once' }));
    await tabOf(signToken({ sub: 'two at once' }));
    const { body } = await apiOf(node.url, signServiceToken()).get('/v1/agents/two%20at%20once');
    expect(body).to.include({ sessions: 2, tabs: 2 });
    expect(before.socket.connected).to.equal(true);
  });

  it('limits refused attempts of an address, and not the honest tabs behind it', async () => {
    const attacked = cleanup.using(await startVigil());
    const outcomes = await Promise.all(
      Array.from({ length: 600 }, () =>
        apiOf(attacked.url, 'guess')
          .get('/v1/session')
          .then(({ status }) => status),
      ),
    );
    expect(outcomes.filter((status) => status === 429).length).to.be.greaterThan(0);
    expect(outcomes.filter((status) => status !== 429 && status !== 401)).to.deep.equal([]);
    cleanup.using(await openTab(attacked.url, signToken()));
    expect((await apiOf(attacked.url, signToken()).get('/v1/session')).status).to.equal(200);
  });
});
