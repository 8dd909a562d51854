import { generateKeyPairSync } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import {
  createVigilHost,
  sidOf,
  type VigilHost,
  type VigilHostOptions,
  type VigilUnavailable,
} from '../../host/index.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { startVigil, type VigilProcess } from '../support/node-process.ts';
import { SECRET } from '../support/tokens.ts';

const ANOTHER_KEY = 'another secret, of thirty-two bytes and more';
const LOGIN = { agent: 'ann', account: 'acme', sessionId: 's', loginAt: Date.now() };
const pemOf = (key: { privateKey: { export(options: { type: 'pkcs8'; format: 'pem' }): string | Buffer } }) =>
  String(key.privateKey.export({ type: 'pkcs8', format: 'pem' }));
const EC_KEY = pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }));

describe('what a host gives the kit wrongly', () => {
  // Mistakes are not typed: JavaScript makes them.
  // biome-ignore lint/suspicious/noExplicitAny: what TypeScript would find out
  type Wrong = any;
  const kit = (options: Wrong = {}): VigilHost =>
    createVigilHost({ url: 'http://127.0.0.1:9', key: SECRET, ...options });

  const MISTAKES: [string, () => unknown, RegExp][] = [
    ['no options', () => (createVigilHost as Wrong)(), /createVigilHost: options are missing/],
    ['no url', () => kit({ url: undefined }), /createVigilHost: url is missing \(is VIGIL_URL set\?\)/],
    [
      'a host alone',
      () => kit({ url: 'vigil.example' }),
      /url must be an http\(s\) address.*'vigil.example'/,
    ],
    ['a host and a port', () => kit({ url: '127.0.0.1:3300' }), /url must be an http\(s\) address/],
    ['a name and a port', () => kit({ url: 'localhost:3300' }), /url must be an http\(s\) address/],
    [
      'a password in the url',
      () => kit({ url: 'http://a:b@vigil.example' }),
      /url must be without a password/,
    ],
    ['no key', () => kit({ key: undefined }), /key is missing \(is VIGIL_JWT_SECRET set\?\)/],
    ['a short key', () => kit({ key: 'short' }), /at least 32 bytes/],
    [
      'a secret for RS256',
      () => kit({ algorithm: 'RS256' }),
      /key must be a private RSA key in PEM for RS256/,
    ],
    ['a key of another kind', () => kit({ algorithm: 'RS256', key: EC_KEY }), /private RSA key/],
    ['a PEM without its algorithm', () => kit({ key: EC_KEY }), /say algorithm: 'RS256' or 'ES256'/],
    ['an algorithm of its own', () => kit({ algorithm: 'none' }), /algorithm must be HS256, RS256 or ES256/],
    ['an option that is none', () => kit({ timeout: 3 }), /timeout is no option; there are url, .*timeoutMs/],
    ['a number that is none', () => kit({ cacheMs: '2s' }), /cacheMs must be a number of at least 0, not 2s/],
    ['no login', () => (kit().tokenFor as Wrong)(), /tokenFor: the login is missing/],
    [
      'no session id',
      () => token({ sessionId: undefined }),
      /login.sessionId must be the id of your session/,
    ],
    [
      'a numeric id',
      () => token({ agent: 7 }),
      /login.agent must be a string of 1–128 characters: String\(7\)/,
    ],
    ['an id too long', () => token({ account: 'x'.repeat(129) }), /login.account must be a string of 1–128/],
    ['no time of login', () => token({ loginAt: undefined }), /login.loginAt must be milliseconds/],
    [
      'a time as text',
      () => token({ loginAt: new Date().toISOString() }),
      /login.loginAt must be milliseconds/,
    ],
    ['seconds', () => token({ loginAt: Math.floor(Date.now() / 1_000) }), /this looks like seconds/],
    [
      'one permission',
      () => token({ permissions: 'manage_security' }),
      /must be an array.*'manage_security'/,
    ],
    ['a flag as text', () => token({ autoAssign: 'yes' }), /login.autoAssign must be true or false/],
    ['no session id to hash', () => (sidOf as Wrong)(), /sidOf: sessionId must be/],
    ['no account', () => (kit().serviceToken as Wrong)(undefined, []), /serviceToken: account must be/],
    [
      'no webhook secret',
      () => (kit().webhook as Wrong)({}),
      /webhook: secret is missing \(is VIGIL_WEBHOOK/,
    ],
    ['a bad webhook secret', () => kit().webhook({ secret: 'x' }), /webhook: secret must be whsec_ and the/],
    ['a misspelt handler', () => webhook({ onended() {} }), /webhook: onended is no option/],
    ['an empty gate', () => (kit().requireLive as Wrong)({}), /requireLive: login is missing/],
    ['a gate without an end', () => (kit().requireLive as Wrong)({ login() {} }), /onEnded is missing/],
  ];
  const token = (change: Wrong) => kit().tokenFor({ ...LOGIN, ...change });
  const webhook = (change: Wrong) =>
    kit().webhook({ secret: `whsec_${Buffer.alloc(32, 1).toString('base64')}`, ...change });

  for (const [mistake, make, message] of MISTAKES) {
    it(`is named at once, with what to do: ${mistake}`, () => {
      expect(make).to.throw(TypeError, message);
    });
  }

  it('is named by what asks Vigil, too, and by middleware to the framework', async () => {
    const wrong: Wrong = { ...LOGIN, agent: 7 };
    for (const asking of [
      kit().check(wrong),
      kit().logout({} as Wrong),
      kit().checkSession(undefined as Wrong),
    ])
      expect(await asking.catch((error: unknown) => error)).to.be.instanceOf(TypeError);
    const gate = kit().requireLive({ login: () => wrong, onEnded() {} });
    const passed: unknown[] = [];
    await gate({} as Wrong, {} as Wrong, (error) => passed.push(error));
    expect(passed[0]).to.be.instanceOf(TypeError).with.property('message').that.includes('login.agent');
  });

  it('is not found where nothing is wrong', () => {
    expect(token({ loginAt: new Date(), name: null, permissions: [], autoAssign: false })).to.be.a('string');
    expect(kit({ algorithm: 'ES256', key: EC_KEY, url: 'https://desk.example/vigil/' })).to.be.an('object');
    expect(kit({ url: () => 'http://127.0.0.1:9', issuer: undefined })).to.be.an('object');
  });
});

describe('where Vigil does not take what the host says', () => {
  const cleanup = cleanupAfterEach();
  let vigil: VigilProcess;
  before(async () => {
    vigil = await startVigil();
  });
  after(() => vigil.close());

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanup.defer(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const failureOf = (options: Partial<VigilHostOptions>) =>
    createVigilHost({ url: vigil.url, key: SECRET, ...options })
      .check(LOGIN)
      .then(
        () => {
          throw new Error('it was taken');
        },
        (error: VigilUnavailable) => error,
      );

  it('the error says why, and whether waiting helps', async () => {
    const stranger = await failureOf({ key: ANOTHER_KEY });
    expect(stranger).to.include({ refused: true, status: 401 });
    expect(stranger.message).to.equal(
      `refused by ${vigil.url}: 401 token_invalid: The token was refused: invalid signature. (same VIGIL_JWT_SECRET on both sides?)`,
    );
    const away = await failureOf({ url: 'http://127.0.0.1:9' });
    expect(away).to.include({ refused: false, status: null });
    expect(away.message).to.match(/^Vigil does not answer at http:\/\/127\.0\.0\.1:9 \(.+\)$/);
    const elsewhere = await failureOf({ url: await serve((_req, res) => res.end('<p>Welcome</p>')) });
    expect(elsewhere).to.include({ refused: true, status: 200 });
    expect(elsewhere.message).to.include('(is url right?)');
    const broken = await failureOf({
      url: await serve((_req, res) => res.writeHead(502).end('<p>Sorry</p>')),
    });
    expect(broken).to.include({ refused: false, status: 502 });
  });

  it('the gate hands the error to onUnavailable', async () => {
    const seen: VigilUnavailable[] = [];
    const gate = createVigilHost({ url: vigil.url, key: ANOTHER_KEY }).requireLive({
      login: () => LOGIN,
      onEnded() {},
      onUnavailable(_req, res, _next, error) {
        seen.push(error);
        res.end('closed');
      },
    });
    const desk = await serve((req, res) => void gate(req, res, () => res.end('in')));
    expect(await (await fetch(desk)).text()).to.equal('closed');
    expect(seen[0]?.message).to.include('invalid signature');
  });

  it('without a handler it is logged, at most once a minute, and people get a page that they understand', async () => {
    const said: string[] = [];
    let now = Date.now();
    const options = {
      url: vigil.url,
      key: ANOTHER_KEY,
      now: () => now,
      log: (text: string) => said.push(text),
    };
    const gate = createVigilHost(options).requireLive({ login: () => LOGIN, onEnded() {} });
    const desk = await serve((req, res) => void gate(req, res, () => res.end('in')));
    const visit = (accept: string) => fetch(desk, { headers: { accept } });
    const page = await visit('text/html,*/*');
    expect([page.status, page.headers.get('retry-after')]).to.deep.equal([503, '5']);
    expect(page.headers.get('content-type')).to.include('text/html');
    expect(await page.text())
      .to.include('<h1>One moment, please</h1>')
      .and.not.include('Vigil');
    expect((await visit('application/json')).headers.get('content-type')).to.include('text/plain');
    expect(said).to.have.length(1);
    expect(said[0]).to.include('vigil: refused by').and.include('same VIGIL_JWT_SECRET on both sides?');
    now += 60_000;
    await visit('text/html');
    expect(said).to.have.length(2);
  });
});
