import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import { parseJwks } from '../../server/jwks.ts';
import { KEEP_MS, LOOK_AGAIN_MS, openKeySet } from '../../server/key-set.ts';
import { KeyRefused, KeysUnavailable } from '../../server/keys.ts';
import { SILENT } from '../../server/log.ts';
import { createTokenVerifier, TokenRefused } from '../../server/tokens.ts';
import { apiOf } from '../support/api.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { createTestClock } from '../support/clock.ts';
import { temporaryFolder } from '../support/places.ts';
import { agentClaims } from '../support/tokens.ts';
import { until } from '../support/waiting.ts';
import { Office } from './http/office.ts';

const NOW = Date.UTC(2026, 0, 5, 9);
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const entry = (key: KeyObject, more: object = {}) => ({ ...key.export({ format: 'jwk' }), ...more });
const setOf = (...keys: object[]) => JSON.stringify({ keys });
const byEc = (kid: string, key = ec.privateKey) =>
  jwt.sign(agentClaims(NOW), key, { algorithm: 'ES256', keyid: kid });

describe('a JWKS', () => {
  it('gives its RSA and P-256 keys, each with its name and its own algorithm', () => {
    const keys = parseJwks(setOf(entry(rsa.publicKey, { kid: 'r', alg: 'RS256' }), entry(ec.publicKey)));
    expect(keys.map(({ kid, algorithm }) => [kid, algorithm])).to.deep.equal([
      ['r', 'RS256'],
      [undefined, 'ES256'],
    ]);
  });

  it('passes over keys of other kinds, strengths, uses and algorithms', () => {
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey;
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
    const secret = { kty: 'oct', k: Buffer.alloc(32).toString('base64url'), kid: 'shared' };
    const keys = parseJwks(
      setOf(
        secret,
        entry(p384),
        entry(short),
        entry(rsa.publicKey, { use: 'enc' }),
        entry(rsa.publicKey, { alg: 'PS256' }),
        entry(ec.publicKey, { key_ops: ['sign'] }),
        entry(ec.publicKey, { kid: 7 }),
        { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' },
        { kty: 'unknown' },
        entry(other.publicKey, { kid: 'good' }),
      ),
    );
    expect(keys.map(({ kid }) => kid)).to.deep.equal(['good']);
  });

  it('is refused where it is none, has none of ours, too many, or a private key', () => {
    const many = Array.from({ length: 17 }, () => entry(ec.publicKey));
    for (const text of [
      '',
      '{}',
      'null',
      '{"keys":{}}',
      '{"keys":[]}',
      setOf(entry(ec.privateKey)),
      setOf(...many),
    ]) {
      expect(() => parseJwks(text), text.slice(0, 40)).to.throw(KeyRefused);
    }
  });
});

describe('a set of keys', () => {
  const cleanup = cleanupAfterEach();

  /** Keys from an address of this machine, on a clock that stands still. */
  async function serving(answer: RequestListener) {
    let asked = 0;
    const server = createServer((req, res) => {
      asked += 1;
      answer(req, res);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanup.defer(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
    const clock = createTestClock(NOW);
    const log: string[] = [];
    const note = (fields: object, message: string) =>
      void log.push(`${message} ${(fields as { err?: Error }).err}`);
    const open = async () => {
      const set = cleanup.using(
        await openKeySet({ source: { kind: 'url', url }, clock, log: { info: note, warn: note } }),
      );
      const verifier = createTokenVerifier({ keys: set });
      const codeOf = (token: string) =>
        verifier
          .verify(token, () => NOW)
          .then(
            () => 'accepted',
            (error: { code: string }) => error.code,
          );
      return { set, codeOf };
    };
    return { url, clock, log, open, asked: () => asked };
  }

  const answering =
    (text: () => string): RequestListener =>
    (_req, res) =>
      void res.end(text());

  it('verifies with the key that the token names, and with no other', async () => {
    const { open } = await serving(
      answering(() => setOf(entry(ec.publicKey, { kid: 'a' }), entry(other.publicKey, { kid: 'b' }))),
    );
    const { codeOf } = await open();
    expect(await codeOf(byEc('a'))).to.equal('accepted');
    expect(await codeOf(byEc('b', other.privateKey))).to.equal('accepted');
    expect(await codeOf(byEc('b'))).to.equal('token_invalid');
    const nameless = jwt.sign(agentClaims(NOW), other.privateKey, { algorithm: 'ES256' });
    expect(await codeOf(nameless), 'any may have signed it').to.equal('accepted');
  });

  it('is looked at again for a name that it lacks, once in 30 s however many ask', async () => {
    let text = setOf(entry(ec.publicKey, { kid: 'a' }));
    const { open, asked, clock } = await serving(answering(() => text));
    const { codeOf } = await open();
    text = setOf(entry(ec.publicKey, { kid: 'a' }), entry(other.publicKey, { kid: 'b' }));
    expect(await codeOf(byEc('b', other.privateKey)), 'it was looked at just now').to.equal('token_invalid');
    expect(asked()).to.equal(1);
    clock.advance(LOOK_AGAIN_MS);
    const strangers = Array.from({ length: 50 }, (_, i) => codeOf(byEc(`none-${i}`)));
    expect(await codeOf(byEc('b', other.privateKey))).to.equal('accepted');
    expect(new Set(await Promise.all(strangers))).to.deep.equal(new Set(['token_invalid']));
    expect(asked()).to.equal(2);
  });

  it('drops a key that was taken out, without a pause, after ten minutes at most', async () => {
    let text = setOf(entry(ec.publicKey, { kid: 'a' }), entry(other.publicKey, { kid: 'b' }));
    const { open, asked, clock } = await serving(answering(() => text));
    const { codeOf } = await open();
    text = setOf(entry(ec.publicKey, { kid: 'a' }));
    clock.advance(KEEP_MS);
    await codeOf(byEc('a'));
    await until(() => asked() === 2 || undefined, 'a second look');
    await until(
      async () => (await codeOf(byEc('b', other.privateKey))) === 'token_invalid' || undefined,
      'its end',
    );
  });

  for (const [what, answer] of [
    ['an error', (_req, res) => void res.writeHead(500).end()],
    ['no set', (_req, res) => void res.end('<html>')],
    ['a redirect', (_req, res) => void res.writeHead(302, { location: '/elsewhere' }).end()],
    ['too much', (_req, res) => void res.end(`${' '.repeat(65_537)}`)],
    ['nothing', (req) => void req.socket.destroy()],
  ] as [string, RequestListener][]) {
    it(`keeps the last good keys where the address answers ${what}`, async () => {
      let isGood = true;
      const good = answering(() => setOf(entry(ec.publicKey, { kid: 'a' })));
      const { open, asked, clock, log } = await serving((req, res) => (isGood ? good : answer)(req, res));
      const { codeOf } = await open();
      isGood = false;
      clock.advance(LOOK_AGAIN_MS);
      expect(await codeOf(byEc('b', other.privateKey))).to.equal('token_invalid');
      expect(asked()).to.equal(2);
      expect(log.join()).to.include('could not be read');
      expect(await codeOf(byEc('a'))).to.equal('accepted');
    });
  }

  it('gives up an address that does not answer, after 5 s, and judges nothing without keys', async () => {
    const { open, clock } = await serving(() => undefined);
    const opening = open();
    const moving = setInterval(() => clock.advance(1_000), 5);
    const { set, codeOf } = await opening;
    clearInterval(moving);
    expect(clock.monotonic()).to.be.at.least(5_000).and.below(LOOK_AGAIN_MS);
    expect(await codeOf(byEc('a'))).to.equal('unavailable');
    expect(await set.keysFor('a').catch((error: unknown) => error)).to.be.instanceOf(KeysUnavailable);
  });

  it('comes from a file as well, which may be replaced', async () => {
    const path = join(temporaryFolder('jwks'), 'keys.json');
    writeFileSync(path, setOf(entry(ec.publicKey, { kid: 'a' })));
    const clock = createTestClock(NOW);
    const set = cleanup.using(await openKeySet({ source: { kind: 'file', path }, clock, log: SILENT }));
    writeFileSync(path, setOf(entry(other.publicKey, { kid: 'b' })));
    clock.advance(LOOK_AGAIN_MS);
    const verifier = createTokenVerifier({ keys: set });
    expect((await verifier.verify(byEc('b', other.privateKey), () => NOW)).kind).to.equal('agent');
    expect(await verifier.verify(byEc('a'), () => NOW).catch((error: unknown) => error)).to.be.instanceOf(
      TokenRefused,
    );
  });

  it('serves a node: its calls and sockets say unavailable until there are keys', async () => {
    let isUp = false;
    const { url } = await serving((_req, res) =>
      isUp ? res.end(setOf(entry(ec.publicKey, { kid: 'a' }))) : res.writeHead(503).end(),
    );
    const office = cleanup.using(await Office.open({ VIGIL_JWT_SECRET: '', VIGIL_JWT_JWKS: url }));
    const caller = apiOf(office.node.url, byEc('a'));
    expect((await caller.get('/v1/session')).body.code).to.equal('unavailable');
    isUp = true;
    office.clock.advance(LOOK_AGAIN_MS);
    expect((await caller.get('/v1/session')).status).to.equal(200);
  });
});
