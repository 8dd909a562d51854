import { expect } from 'chai';
import { cleanupAfterAll } from '../support/cleanup.ts';
import { startVigil, type VigilProcess } from '../support/node-process.ts';
import { SECRET } from '../support/tokens.ts';

/** Everything that the port of a demo answers with: pages, redirects, files, refusals, errors, sockets. */
const ANSWERS: [method: string, path: string, body?: string][] = [
  ['GET', '/'],
  ['GET', '/login'],
  ['POST', '/login', 'email=a%40b.example&password=x'],
  ['POST', '/login', 'x'.repeat(300_000)],
  ['GET', '/help'],
  ['GET', '/help/login'],
  ['GET', '/desk/tickets'],
  ['GET', '/desk/nowhere'],
  ['GET', '/desk/%ff'],
  ['GET', '/desk/assets/desk.js'],
  ['GET', '/desk/assets/nothing.css'],
  ['PUT', '/desk/tickets/1/draft', '{'],
  ['POST', '/logout'],
  ['GET', '/dashboard'],
  ['GET', '/dashboard/'],
  ['GET', '/dashboard/nothing'],
  ['GET', '/vigil.js'],
  ['GET', '/vigil.mjs'],
  ['GET', '/openapi.json'],
  ['GET', '/healthz'],
  ['GET', '/readyz'],
  ['GET', '/metrics'],
  ['GET', '/v1/session'],
  ['GET', '/v1/login-options?account=x'],
  ['PUT', '/v1/policy', '{'],
  ['GET', '/v1/agents/%'],
  ['OPTIONS', '/v1/policy'],
  ['GET', '/nothing'],
  ['GET', '/socket.io/?EIO=4&transport=polling'],
  ['GET', '/socket.io/?EIO=3'],
];

describe('the headers of whatever a port answers', () => {
  const cleanup = cleanupAfterAll();
  let node: VigilProcess;

  before(async () => {
    node = cleanup.using(await startVigil({ VIGIL_DEMO: '1', VIGIL_JWT_SECRET: SECRET }));
  });

  const ask = (method: string, path: string, body?: string) =>
    fetch(node.url + path, {
      method,
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      ...(body === undefined ? {} : { body }),
    });

  for (const [method, path, body] of ANSWERS) {
    it(`say nothing of what serves it, and let no browser guess: ${method} ${path}`, async () => {
      const { headers, status } = await ask(method, path, body);
      expect(headers.get('x-powered-by')).to.equal(null);
      expect(headers.get('server')).to.equal(null);
      expect(headers.get('x-content-type-options'), String(status)).to.equal('nosniff');
      const type = headers.get('content-type');
      if (type?.startsWith('text/html')) {
        const policy = headers.get('content-security-policy') ?? '';
        expect(policy)
          .to.include("default-src 'none'")
          .and.include('frame-ancestors')
          .and.not.include('unsafe');
        expect(policy).to.include("base-uri 'none'").and.include('form-action');
      }
      if (headers.getSetCookie().length > 0) expect(headers.get('cache-control')).to.equal('no-store');
    });
  }

  it('set no cookie before somebody signs in, and then one that no script reads and no other site sends', async () => {
    const before = await ask('GET', '/login');
    expect(before.headers.getSetCookie()).to.deep.equal([]);
    const form = /name="form" value="([^"]+)"/.exec(await before.text())?.[1] ?? '';
    const login = new URLSearchParams({ form, email: 'mara@tidewater.example', password: 'gravel-and-rain' });
    const { headers, status } = await ask('POST', '/login', String(login));
    expect(status).to.equal(303);
    const [cookie, ...more] = headers.getSetCookie();
    expect(more).to.deep.equal([]);
    expect(cookie).to.match(/^desk_agent=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
  });
});
