import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import { Office, START } from '../server/http/office.ts';
import { cleanupAfterAll } from '../support/cleanup.ts';
import { Tab } from '../support/tab.ts';
import { agentClaims, newSid, SECRET, sign, type TestClaims } from '../support/tokens.ts';
import { TOKEN_CALLS } from './calls.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const AUDIENCE = 'vigil';
const SECONDS = START / 1000;

const base64 = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const claimsOf = (claims: TestClaims = {}) =>
  agentClaims(START, {
    sub: 'mallory',
    sid: newSid(),
    aud: AUDIENCE,
    permissions: ['manage_security'],
    ...claims,
  });
/** As a host with the right key signs it. */
const byHost = (claims: TestClaims = {}, key: KeyObject = privateKey, header: object = {}) =>
  jwt.sign(claimsOf(claims), key, { algorithm: 'RS256', header: { alg: 'RS256', ...header } });
/** A header and claims of one's own making under an HMAC. */
const byHmac = (header: object, secret: string | Buffer, claims: TestClaims = {}) => {
  const head = `${base64(header)}.${base64(claimsOf(claims))}`;
  return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`;
};
const own = stranger.publicKey.export({ format: 'jwk' });

/** Where the stranger publishes their key, and who has asked for it. */
let keysOfTheStranger = '';
const askedOfTheStranger: string[] = [];

/** Tokens that are refused by a node which knows one RSA key, whatever they are shown to. */
const CORPUS: [what: string, make: () => string, code: string][] = [
  ['alg none', () => `${base64({ alg: 'none', typ: 'JWT' })}.${base64(claimsOf())}.`, 'token_invalid'],
  [
    'alg None, with a signature',
    () => `${base64({ alg: 'None' })}.${base64(claimsOf())}.AAAA`,
    'token_invalid',
  ],
  ['no alg', () => `${base64({ typ: 'JWT' })}.${base64(claimsOf())}.`, 'token_invalid'],
  ['the public key as the secret of HS256', () => byHmac({ alg: 'HS256' }, PEM), 'token_invalid'],
  ['the public key as such a secret, said to be RS256', () => byHmac({ alg: 'RS256' }, PEM), 'token_invalid'],
  ['RS512 of the right key', () => jwt.sign(claimsOf(), privateKey, { algorithm: 'RS512' }), 'token_invalid'],
  ['PS256 of the right key', () => jwt.sign(claimsOf(), privateKey, { algorithm: 'PS256' }), 'token_invalid'],
  ['another key', () => byHost({}, stranger.privateKey), 'token_invalid'],
  ['another key, in its jwk', () => byHost({}, stranger.privateKey, { jwk: own }), 'token_invalid'],
  [
    'another key, at its jku',
    () => byHost({}, stranger.privateKey, { kid: 'own', jku: `${keysOfTheStranger}/jwks.json` }),
    'token_invalid',
  ],
  ['another key, in its x5c', () => byHost({}, stranger.privateKey, { x5c: [own.n!] }), 'token_invalid'],
  [
    'another key, at its x5u',
    () => byHost({}, stranger.privateKey, { kid: 'own', x5u: keysOfTheStranger }),
    'token_invalid',
  ],
  [
    'a kid that is a path',
    () => byHost({}, stranger.privateKey, { kid: '../../../../dev/null' }),
    'token_invalid',
  ],
  [
    'a kid that is a query',
    () => byHost({}, stranger.privateKey, { kid: "' UNION SELECT 'x" }),
    'token_invalid',
  ],
  ['a kid of __proto__', () => byHmac({ alg: 'HS256', kid: '__proto__' }, ''), 'token_invalid'],
  [
    'an extension that must be understood',
    () => byHost({}, privateKey, { crit: ['exp'], b64: true }),
    'token_invalid',
  ],
  ['another audience', () => byHost({ aud: 'payroll' }), 'token_invalid'],
  ['no audience', () => byHost({ aud: undefined }), 'token_invalid'],
  ['claims that were changed', () => tampered(byHost()), 'token_invalid'],
  ['a signature that was cut off', () => byHost().replace(/\.[^.]*$/, '.'), 'token_invalid'],
  ['four parts', () => `${byHost()}.AAAA`, 'token_invalid'],
  ['a token in another', () => byHost({ sub: byHost() }), 'token_invalid'],
  ['expired a second ago', () => byHost({ iat: SECONDS - 60, exp: SECONDS - 1 }), 'token_expired'],
  ['expires never', () => byOddHost({ exp: undefined }), 'token_invalid'],
  ['expires at a text', () => byOddHost({ exp: '2030-01-01' }), 'token_invalid'],
  ['not valid yet', () => byHost({ nbf: SECONDS + 61 }), 'token_invalid'],
  ['issued in the future', () => byHost({ iat: SECONDS + 61 }), 'token_invalid'],
  ['logged in in the future', () => byHost({ auth_time: SECONDS + 61 }), 'token_invalid'],
  ['more than 8 kB', () => byHost({ padding: 'x'.repeat(6_200) }), 'token_invalid'],
  ['an account of a list', () => byHost({ account: ['acme', 'other'] }), 'token_invalid'],
  ['a sub of an object', () => byOddHost({ sub: { $ne: null } }), 'token_invalid'],
  ['a service of a text', () => byHost({ service: 'true' }), 'token_invalid'],
  ['permissions of a text', () => byHost({ permissions: 'manage_security' }), 'token_invalid'],
  [
    'duplicate claims of which the last is no id',
    () => duplicate('"sub":"mallory","sub":""'),
    'token_invalid',
  ],
];

/** The library checks some claims before it signs; an issuer of another make does not. */
function byOddHost(claims: TestClaims): string {
  return signed(JSON.stringify(claimsOf(claims)));
}
function signed(payload: string): string {
  return jwt.sign(payload, privateKey, { algorithm: 'RS256' });
}
function duplicate(claims: string): string {
  const rest = JSON.stringify(claimsOf({ sub: undefined })).slice(1);
  return signed(`{${claims},${rest}`);
}
function tampered(token: string): string {
  const [head, , signature] = token.split('.');
  return [head, base64(claimsOf({ sub: 'boss' })), signature].join('.');
}

describe('a token that is none', () => {
  const cleanup = cleanupAfterAll();
  let office: Office;
  let tried = 0;

  before(async () => {
    const server = createServer((request, response) => {
      askedOfTheStranger.push(String(request.url));
      response.end(JSON.stringify({ keys: [{ ...own, kid: 'own', use: 'sig', alg: 'RS256' }] }));
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    cleanup.using({ close: () => void server.close() });
    keysOfTheStranger = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    office = cleanup.using(
      await Office.open({
        VIGIL_JWT_SECRET: '',
        VIGIL_JWT_PUBLIC_KEY: PEM,
        VIGIL_JWT_AUDIENCE: AUDIENCE,
        VIGIL_TRUST_PROXY: '127.0.0.1',
      }),
    );
    expect(createPublicKey(PEM).asymmetricKeyType).to.equal('rsa');
  });

  for (const [what, make, code] of CORPUS) {
    it(`opens nothing: ${what}`, async () => {
      const token = make();
      tried += 1;
      // Each from an address of its own: none is refused for the others' sake.
      const headers = { 'x-forwarded-for': `198.51.100.${tried}` };
      for (const call of TOKEN_CALLS) {
        const answer = await call.make(office.node.url, token, { id: 'mallory', sid: 'any' }, { headers });
        expect([answer.status, answer.body.code], call.name).to.deep.equal([401, code]);
      }
      for (const namespace of ['/', '/presence'])
        for (const transport of ['websocket', 'polling'] as const) {
          const options = { transports: [transport], extraHeaders: headers };
          const tab = cleanup.using(new Tab(`${office.node.url}${namespace}`, token, options));
          expect(await tab.refused(), `${namespace} by ${transport}`).to.deep.equal({ code });
        }
    });
  }

  it('makes nobody look where it says that its key is', () => {
    expect(askedOfTheStranger).to.deep.equal([]);
  });

  it('opens nothing where it stands beside the header: in the URL, a cookie, the body', async () => {
    const token = byHost();
    for (const call of TOKEN_CALLS) {
      const answer = await call.make(
        office.node.url,
        undefined,
        { id: 'mallory', sid: 'any' },
        {
          query: { token, access_token: token, authorization: `Bearer ${token}` },
          body: { token },
          headers: { cookie: `vigil=${token}; token=${token}`, 'x-forwarded-for': '198.51.101.1' },
        },
      );
      expect([answer.status, answer.body.code], call.name).to.deep.equal([401, 'token_missing']);
    }
    const query = {
      query: { token },
      extraHeaders: { 'x-forwarded-for': '198.51.101.1', cookie: `token=${token}` },
    };
    const tab = cleanup.using(new Tab(office.node.url, undefined, query));
    expect(await tab.refused()).to.deep.equal({ code: 'token_missing' });
  });

  it('is read in one way: of duplicate claims the last counts, in the session, on the dashboard and in the log', async () => {
    const [first, last] = [newSid(), newSid()];
    const rest = JSON.stringify(claimsOf({ sub: undefined, sid: undefined })).slice(1);
    const token = signed(`{"sub":"first","sub":"last","sid":"${first}","sid":"${last}",${rest}`);
    const tab = cleanup.using(new Tab(office.node.url, token));
    await tab.next('session');
    const ask = TOKEN_CALLS.find(({ name }) => name === 'GET /v1/session')!;
    const { body } = await ask.make(office.node.url, token, { id: '', sid: '' });
    expect(body).to.include({ agent: 'last', account: 'acme' });
    const audit = TOKEN_CALLS.find(({ name }) => name === 'GET /v1/audit')!;
    const { body: log } = await audit.make(office.node.url, token, { id: '', sid: '' });
    expect(JSON.stringify(log)).to.include('last').and.not.include('first').and.not.include(first);
  });

  it('is a token of HS256 for a node that knows a secret, whatever larger HMAC it claims', async () => {
    const other = cleanup.using(await Office.open());
    const ask = TOKEN_CALLS.find(({ name }) => name === 'GET /v1/session')!;
    for (const algorithm of ['HS384', 'HS512'] as const) {
      const token = jwt.sign(agentClaims(START), SECRET, { algorithm });
      const { body } = await ask.make(other.node.url, token, { id: '', sid: '' });
      expect(body.code).to.equal('token_invalid');
    }
    const { status } = await ask.make(other.node.url, sign(agentClaims(START)), { id: '', sid: '' });
    expect(status).to.equal(200);
  });
});
