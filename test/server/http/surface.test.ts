import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { cleanupAfterEach } from '../../support/cleanup.ts';
import { temporaryFolder } from '../../support/places.ts';
import { expectRefusal, Office } from './office.ts';

const DESK = 'https://desk.example';

describe('HTTP as such', () => {
  const cleanup = cleanupAfterEach();
  const open = async (settings = {}, options = {}) => cleanup.using(await Office.open(settings, options));

  /** A request that fetch would not send. */
  const raw = (
    office: Office,
    options: { method?: string; path: string; headers?: Record<string, string>; body?: string },
  ) =>
    new Promise<{ status: number; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
      const { body, ...rest } = options;
      const sent = request({ host: '127.0.0.1', port: office.node.port, ...rest }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part) => (text += part));
        answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, text }));
      });
      sent.on('error', reject);
      sent.end(body);
    });

  it('answers what is not there, and methods that a path has not, with not_found', async () => {
    const office = await open();
    const manager = office.manager();
    for (const path of [
      '/nothing',
      '/v1',
      '/v1/nothing',
      '/v1/policy/x',
      '/v1/agents//sign-out',
      '/V1/POLICY',
      '/v1/agents/a/b/c',
    ]) {
      expectRefusal(await manager.get(path), [404, 'not_found']);
    }
    expectRefusal(await manager.post('/v1/policy', {}), [404, 'not_found']);
    expectRefusal(await manager.delete('/v1/policy'), [404, 'not_found']);
    expectRefusal(await manager.put('/healthz', {}), [404, 'not_found']);
  });

  it('refuses a body that is no JSON, none, too large or compressed, before it means anything', async () => {
    const office = await open();
    const { sign, agentClaims } = await import('../../support/tokens.ts');
    const token = sign(agentClaims(office.clock.now(), { permissions: ['manage_security'] }));
    const put = async (body: string | undefined, headers: Record<string, string> = {}) => {
      const { status, text } = await raw(office, {
        method: 'PUT',
        path: '/v1/policy',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body }),
      });
      return [status, JSON.parse(text).code];
    };
    expect(await put('{"timeoutSeconds":')).to.deep.equal([400, 'bad_request']);
    expect(await put('"text"')).to.deep.equal([400, 'bad_request']);
    expect(await put(undefined)).to.deep.equal([422, 'invalid']);
    expect(await put('')).to.deep.equal([422, 'invalid']);
    expect(await put('{}', { 'content-encoding': 'gzip' })).to.deep.equal([400, 'bad_request']);
    expect(await put('{}', { 'content-type': 'application/json; charset=latin1' })).to.deep.equal([
      400,
      'bad_request',
    ]);
    expect(await put(JSON.stringify({ padding: 'x'.repeat(16_384) }))).to.deep.equal([413, 'too_large']);
    expect(await put('{"__proto__":{"timeoutSeconds":900}}')).to.deep.equal([422, 'invalid']);
    expect(await put('{}', { 'content-type': 'text/plain' })).to.deep.equal([422, 'invalid']);
  });

  it('reads no body of whom it does not know', async () => {
    const office = await open();
    expectRefusal(await office.stranger().put('/v1/policy', { padding: 'x'.repeat(100_000) }), [
      401,
      'token_missing',
    ]);
  });

  it('takes paths that are badly encoded for bad requests', async () => {
    const office = await open();
    for (const path of ['/v1/agents/%', '/v1/agents/%ff', '/v1/sessions/%E0%A4']) {
      const { status, text } = await raw(office, { path });
      expect([status, JSON.parse(text).code], path).to.deep.equal([400, 'bad_request']);
    }
  });

  it('says nothing of what serves it, and lets no page frame it or guess its types', async () => {
    const office = await open();
    const { headers } = await office.stranger().get('/v1/session');
    expect(headers.get('x-powered-by')).to.equal(null);
    expect(headers.get('x-content-type-options')).to.equal('nosniff');
    expect(headers.get('x-frame-options')).to.equal('DENY');
    expect(headers.get('content-security-policy')).to.equal("default-src 'none';frame-ancestors 'none'");
    expect(headers.get('strict-transport-security'), 'whoever ends TLS says so, for its own domain').to.equal(
      null,
    );
  });

  it('answers a fault of its own with 500 and without its stack, and logs it', async () => {
    const logged: object[] = [];
    const none = () => {};
    const log = {
      debug: none,
      info: none,
      warn: none,
      fatal: none,
      error: (fields: object) => void logged.push(fields),
    };
    const office = await open({}, { log });
    office.between.engine.policy = () => Promise.reject(new TypeError('a secret detail'));
    office.node.engine.policy = () => Promise.reject(new TypeError('a secret detail'));
    const answer = await office.manager().get('/v1/policy');
    expectRefusal(answer, [500, 'internal']);
    expect(JSON.stringify(answer.body)).to.not.include('secret');
    expect(logged).to.have.length(1);
  });

  describe('by origin', () => {
    it('lets pages of the own and of allowed origins call and read, and refuses those of others before anything else', async () => {
      const office = await open({ VIGIL_ALLOWED_ORIGINS: DESK });
      for (const origin of [DESK, office.node.url]) {
        const { status, headers } = await office.agent().get('/v1/session', { origin });
        expect(status).to.equal(200);
        expect(headers.get('access-control-allow-origin')).to.equal(origin);
        expect(headers.get('access-control-expose-headers')).to.equal('ETag');
        expect(headers.get('vary')).to.include('Origin');
      }
      for (const origin of ['https://evil.example', 'null', 'https://desk.example.evil.example']) {
        const refused = await office.agent({ sid: 'unseen' }).get('/v1/session', { origin });
        expectRefusal(refused, [403, 'origin_denied']);
        expect(refused.headers.get('access-control-allow-origin')).to.equal(null);
      }
      expectRefusal(await office.backend().get('/v1/sessions/unseen'), [404, 'not_found']);
    });

    it('answers preflights of allowed pages', async () => {
      const office = await open({ VIGIL_ALLOWED_ORIGINS: DESK });
      const preflight = (origin: string) =>
        raw(office, {
          method: 'OPTIONS',
          path: '/v1/policy',
          headers: { origin, 'access-control-request-method': 'PUT' },
        });
      const { status, headers } = await preflight(DESK);
      expect(status).to.equal(204);
      expect(headers).to.include({
        'access-control-allow-origin': DESK,
        'access-control-allow-methods': 'GET, PUT, POST, DELETE',
        'access-control-allow-headers': 'Authorization, Content-Type, If-Match',
      });
      expect((await preflight('https://evil.example')).status).to.equal(403);
    });
  });

  describe('health', () => {
    it('is alive as long as it answers, and ready only while the engine does', async () => {
      const office = await open();
      expect((await office.stranger().get('/healthz')).status).to.equal(200);
      expect((await office.stranger().get('/readyz')).status).to.equal(200);
      office.between.down();
      expect((await office.stranger().get('/healthz')).status).to.equal(200);
      expectRefusal(await office.stranger().get('/readyz'), [503, 'unavailable']);
    });

    it('is not ready where the engine takes its time', async () => {
      const office = await open();
      const release = office.between.hold('ping');
      const answer = office.stranger().get('/readyz');
      while (office.between.calls('ping').length === 0) await new Promise(setImmediate);
      office.clock.advance(1_500);
      expectRefusal(await answer, [503, 'unavailable']);
      release();
    });
  });

  describe('metrics', () => {
    it('count calls by their route, refusals and events, and name no id', async () => {
      const office = await open();
      await office.seat('ann');
      await office.manager().post('/v1/agents/ann/sign-out');
      await office.stranger().get('/v1/session');
      const { body, headers } = await office.stranger().get('/metrics');
      expect(headers.get('content-type')).to.match(/^text\/plain/);
      expect(body).to.include(
        'vigil_http_seconds_count{method="POST",route="/v1/agents/:id/sign-out",status="204"} 1',
      );
      expect(body).to.include('vigil_refused_total{transport="http",code="token_missing"} 1');
      expect(body).to.include('vigil_sessions_ended_total{reason="admin"} 1');
      expect(body).to.not.include('ann');
    });

    it('are for this machine only, and not for whom a proxy on it lets through', async () => {
      const office = await open({ VIGIL_TRUST_PROXY: '127.0.0.1' });
      for (const header of ['x-forwarded-for', 'x-real-ip', 'forwarded']) {
        expectRefusal(await office.stranger().get('/metrics', { [header]: '127.0.0.1' }), [403, 'forbidden']);
      }
    });

    it('are for whoever has their token, where one is set', async () => {
      const office = await open({ VIGIL_METRICS_TOKEN: 'let-me-see' });
      expectRefusal(await office.stranger().get('/metrics'), [401, 'token_missing']);
      expectRefusal(await office.manager().get('/metrics'), [401, 'token_invalid']);
      expect(
        (await office.stranger().get('/metrics', { authorization: 'Bearer let-me-see' })).status,
      ).to.equal(200);
    });
  });

  describe('what browsers load', () => {
    it('is the SDK, from any page, asked again each time and answered 304 where it is the same', async () => {
      const assetsDir = temporaryFolder('assets');
      writeFileSync(join(assetsDir, 'vigil.js'), 'window.Vigil = {};');
      const office = await open({}, { assetsDir });
      const { status, headers, body } = await office
        .stranger()
        .get('/vigil.js', { origin: 'https://anywhere.example' });
      expect([status, body]).to.deep.equal([200, 'window.Vigil = {};']);
      expect(headers.get('content-type')).to.equal('text/javascript; charset=utf-8');
      expect(headers.get('access-control-allow-origin')).to.equal('*');
      expect(headers.get('cross-origin-resource-policy')).to.equal('cross-origin');
      // fetch would ask past every cache.
      const again = await raw(office, {
        path: '/vigil.js',
        headers: { 'if-none-match': headers.get('etag')! },
      });
      expect(again.status).to.equal(304);
      expectRefusal(await office.stranger().get('/vigil.mjs'), [404, 'not_found']);
    });

    it('is the dashboard, in frames of allowed pages, which it is told by name', async () => {
      const assetsDir = temporaryFolder('assets');
      mkdirSync(join(assetsDir, 'dashboard', 'assets'), { recursive: true });
      writeFileSync(
        join(assetsDir, 'dashboard', 'index.html'),
        '<meta name="vigil-origins" content=""><title>Vigil</title>',
      );
      writeFileSync(join(assetsDir, 'dashboard', 'assets', 'main-1.js'), 'export {};');
      const office = await open({ VIGIL_ALLOWED_ORIGINS: `${DESK},https://b.example` }, { assetsDir });
      const { status, headers, body } = await office.stranger().get('/dashboard/');
      expect(status).to.equal(200);
      expect(body).to.include(`<meta name="vigil-origins" content="${DESK} https://b.example">`);
      expect(headers.get('content-security-policy')).to.include(
        `frame-ancestors 'self' ${DESK} https://b.example`,
      );
      expect(headers.get('content-security-policy')).to.include("default-src 'none'");
      expect(headers.get('x-frame-options')).to.equal(null);
      const moved = await office.stranger().get('/dashboard');
      expect([moved.status, moved.headers.get('location')]).to.deep.equal([308, 'dashboard/']);
      const script = await office.stranger().get('/dashboard/assets/main-1.js');
      expect(script.headers.get('cache-control')).to.include('immutable');
      expectRefusal(await office.stranger().get('/dashboard/../vigil.js.map'), [404, 'not_found']);
      expectRefusal(await office.stranger().get('/dashboard/nothing'), [404, 'not_found']);
    });
  });
});
