import { expect } from 'chai';
import { cleanupAfterEach } from '../../support/cleanup.ts';
import { expectRefusal, Office, START } from './office.ts';

const HOUR = 3_600_000;

describe('/v1/session', () => {
  const cleanup = cleanupAfterEach();
  const open = async () => cleanup.using(await Office.open());

  it('says what the session event says, and whose it is; the first call begins it', async () => {
    const office = await open();
    const { status, body, headers } = await office
      .agent({ auto_assign: true, permissions: ['view_presence'] })
      .get('/v1/session');
    expect(status).to.equal(200);
    expect(headers.get('cache-control')).to.equal('no-store');
    expect(body).to.deep.include({
      state: 'active',
      lastActivityAt: START,
      deadlineAt: START + 24 * HOUR,
      endsAt: START + 24 * HOUR,
      warnAt: START + 24 * HOUR - 60_000,
      timeoutMs: 24 * HOUR,
      leadMs: 60_000,
      serverTime: START,
      available: true,
      agent: 'ann',
      account: 'acme',
      permissions: ['view_presence'],
    });
    expect(body.rev).to.be.a('number');
  });

  it('is no activity, however often it is asked', async () => {
    const office = await open();
    const ann = office.agent();
    await ann.get('/v1/session');
    office.clock.advance(600_000);
    expect((await ann.get('/v1/session')).body).to.include({
      lastActivityAt: START,
      serverTime: START + 600_000,
    });
  });

  it('ends its own login alone', async () => {
    const office = await open();
    const other = office.agent({ sid: 'login-2' });
    await other.get('/v1/session');
    expect((await office.agent().delete('/v1/session')).status).to.equal(204);
    const refused = await office.agent().get('/v1/session');
    expectRefusal(refused, [401, 'session_ended']);
    expect(refused.body.reason).to.equal('logout');
    expect(refused.headers.get('www-authenticate')).to.equal('Bearer error="invalid_token"');
    expect((await other.get('/v1/session')).status).to.equal(200);
  });

  it('belongs to agents: a service token has none', async () => {
    const office = await open();
    expectRefusal(await office.backend().get('/v1/session'), [403, 'forbidden']);
    expectRefusal(await office.backend().delete('/v1/session'), [403, 'forbidden']);
  });

  it('needs a token, in the Authorization header alone', async () => {
    const office = await open();
    const missing = await office.stranger().get('/v1/session');
    expectRefusal(missing, [401, 'token_missing']);
    expect(missing.headers.get('www-authenticate')).to.equal('Bearer');
    for (const authorization of ['Basic YTpi', 'Bearer', 'Bearer ', 'bearer']) {
      expectRefusal(await office.stranger().get('/v1/session', { authorization }), [401, 'token_missing']);
    }
    expectRefusal(await office.stranger().get('/v1/session?token=x', { cookie: 'token=x' }), [
      401,
      'token_missing',
    ]);
    expectRefusal(await office.stranger().get('/v1/session', { authorization: 'Bearer a b' }), [
      401,
      'token_invalid',
    ]);
  });

  it('tells an expired token from an invalid one', async () => {
    const office = await open();
    const ann = office.agent({ exp: START / 1000 + 60 });
    office.clock.advance(59_999);
    expect((await ann.get('/v1/session')).status).to.equal(200);
    office.clock.advance(1);
    expectRefusal(await ann.get('/v1/session'), [401, 'token_expired']);
    expectRefusal(await office.agent({ sub: 'ben' }).get('/v1/session'), [401, 'token_invalid']);
  });

  it('is unavailable while the engine is, and nothing else', async () => {
    const office = await open();
    office.between.down();
    expectRefusal(await office.agent().get('/v1/session'), [503, 'unavailable']);
    expectRefusal(await office.agent().get('/v1/verify'), [503, 'unavailable']);
    expectRefusal(await office.stranger().get('/v1/login-options?account=acme'), [503, 'unavailable']);
  });
});

describe('/v1/verify', () => {
  const cleanup = cleanupAfterEach();

  it('answers a proxy with who it is, percent-encoded, and with nothing else', async () => {
    const office = cleanup.using(await Office.open());
    const { status, headers, body } = await office
      .agent({ sub: 'Zoë, \u202e/', sid: 'a%20b' })
      .get('/v1/verify');
    expect([status, body]).to.deep.equal([204, '']);
    expect(headers.get('x-vigil-agent')).to.equal('Zo%C3%AB%2C%20%E2%80%AE%2F');
    expect(headers.get('x-vigil-account')).to.equal('acme');
    expect(headers.get('x-vigil-session')).to.equal('a%2520b');
  });

  it('does not judge the Origin, which is that of the request to the host, and lets no page read the answer', async () => {
    const office = cleanup.using(await Office.open());
    for (const origin of ['https://desk.example', 'null']) {
      const { status, headers } = await office.agent().get('/v1/verify', { origin });
      expect(status).to.equal(204);
      expect(headers.get('access-control-allow-origin')).to.equal(null);
    }
  });

  it('takes the cookie that is set up for it, unless a bearer token came, and no other call takes it', async () => {
    const office = cleanup.using(await Office.open({ VIGIL_VERIFY_COOKIE: 'desk' }));
    const { body: live } = await office.agent().get('/v1/session');
    expect(live.agent).to.equal('ann');
    const { agentClaims, sign } = await import('../../support/tokens.ts');
    const token = sign(agentClaims(START));
    const stranger = office.stranger();
    for (const cookie of [`desk=${token}`, `a=b; desk="${token}";c`, `xdesk=1;desk=${token}`]) {
      expect((await stranger.get('/v1/verify', { cookie })).status, cookie).to.equal(204);
    }
    for (const cookie of [`Desk=${token}`, `xdesk=${token}`, 'desk', `b=desk=${token}`]) {
      expectRefusal(await stranger.get('/v1/verify', { cookie }), [401, 'token_missing']);
    }
    expectRefusal(await stranger.get('/v1/verify', { cookie: `desk=${token}`, authorization: 'Bearer x' }), [
      401,
      'token_invalid',
    ]);
    expectRefusal(await stranger.get('/v1/session', { cookie: `desk=${token}` }), [401, 'token_missing']);
  });

  it('takes no cookie where none is set up', async () => {
    const office = cleanup.using(await Office.open());
    expectRefusal(await office.stranger().get('/v1/verify', { cookie: 'token=x; null=x; undefined=x' }), [
      401,
      'token_missing',
    ]);
  });
});

describe('/v1/sessions/:sid', () => {
  const cleanup = cleanupAfterEach();

  it('tells the backend whether a login is alive, and how one ended', async () => {
    const office = cleanup.using(await Office.open());
    await office.agent({ sid: 'a/b c' }).get('/v1/session');
    const path = `/v1/sessions/${encodeURIComponent('a/b c')}`;
    expect((await office.backend().get(path)).body).to.deep.equal({
      agent: 'ann',
      live: true,
      startedAt: START,
    });
    office.clock.advance(1_000);
    expect((await office.backend().delete(path)).status).to.equal(204);
    expect((await office.backend().get(path)).body).to.deep.equal({
      agent: 'ann',
      live: false,
      reason: 'logout',
      endedAt: START + 1_000,
    });
    expect((await office.backend().delete(path)).status, 'a second time').to.equal(204);
  });

  it('buries a login that Vigil has not seen yet', async () => {
    const office = cleanup.using(await Office.open());
    expectRefusal(await office.backend().get('/v1/sessions/login-1'), [404, 'not_found']);
    expect((await office.backend().delete('/v1/sessions/login-1')).status).to.equal(204);
    expectRefusal(await office.agent().get('/v1/session'), [401, 'session_ended']);
  });

  it('is for the backend with manage_security alone, and of its own account alone', async () => {
    const office = cleanup.using(await Office.open());
    await office.agent().get('/v1/session');
    for (const caller of [office.manager(), office.backend({ permissions: ['view_presence'] })]) {
      expectRefusal(await caller.get('/v1/sessions/login-1'), [403, 'forbidden']);
      expectRefusal(await caller.delete('/v1/sessions/login-1'), [403, 'forbidden']);
    }
    const elsewhere = office.backend({ account: 'other' });
    expectRefusal(await elsewhere.get('/v1/sessions/login-1'), [404, 'not_found']);
    await elsewhere.delete('/v1/sessions/login-1');
    expect((await office.agent().get('/v1/session')).status).to.equal(200);
  });
});
