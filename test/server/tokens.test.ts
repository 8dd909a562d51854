import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import { publicKey, secretKey, type TokenKey } from '../../server/keys.ts';
import { type AgentToken, createTokenVerifier, TokenRefused } from '../../server/tokens.ts';
import { agentClaims, SECRET, serviceClaims, sign } from '../support/tokens.ts';

const NOW = 1_800_000_000_000;
const SECONDS = NOW / 1000;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token with any header and any claims text, signed by the shared secret. */
function forge(header: Record<string, unknown>, claims: string): string {
  const head = `${base64(header)}.${Buffer.from(claims).toString('base64url')}`;
  return `${head}.${createHmac('sha256', SECRET).update(head).digest('base64url')}`;
}

async function codeOf(
  token: unknown,
  options: { keys?: TokenKey[]; issuer?: string; audience?: string; now?: number } = {},
): Promise<string> {
  const { keys = [secretKey(SECRET)], now = NOW, ...claims } = options;
  try {
    await createTokenVerifier({ keys, ...claims }).verify(token, () => now);
    return 'accepted';
  } catch (error) {
    if (error instanceof TokenRefused) return error.code;
    throw error;
  }
}

async function verify(claims: Record<string, unknown>): Promise<AgentToken> {
  const token = await createTokenVerifier({ keys: [secretKey(SECRET)] }).verify(sign(claims), () => NOW);
  if (token.kind !== 'agent') throw new Error('no token of an agent');
  return token;
}

describe('tokens', () => {
  it("says whose login it is, with its times in ms, and takes auth_time for the login's own", async () => {
    const claims = agentClaims(NOW, {
      auth_time: SECONDS - 7_200,
      name: 'Ann',
      permissions: ['view_presence', 'fly'],
      auto_assign: true,
    });
    expect(await verify(claims)).to.deep.equal({
      kind: 'agent',
      expiresAt: NOW + 3_600_000,
      login: {
        account: 'acme',
        agent: 'ann',
        sid: 'login-1',
        loginAt: NOW - 7_200_000,
        issuedAt: NOW,
        name: 'Ann',
        permissions: ['view_presence'],
        autoAssign: true,
      },
    });
  });

  it('takes iat for the login without auth_time, and no permissions, name or auto-assignment where none is claimed', async () => {
    const { login } = await verify(agentClaims(NOW));
    expect(login).to.include({ loginAt: NOW, name: null, autoAssign: false });
    expect(login.permissions).to.deep.equal([]);
  });

  it('knows a service token, which needs no sid', async () => {
    const token = await createTokenVerifier({ keys: [secretKey(SECRET)] }).verify(
      sign(serviceClaims(NOW)),
      () => NOW,
    );
    expect(token).to.deep.equal({
      kind: 'service',
      account: 'acme',
      subject: 'backend',
      permissions: ['manage_security'],
      expiresAt: NOW + 3_600_000,
    });
  });

  it('makes an odd name presentable instead of locking its owner out', async () => {
    expect((await verify(agentClaims(NOW, { name: ' Ann\r\n\u0000Lee ' }))).login.name).to.equal('Ann Lee');
    expect((await verify(agentClaims(NOW, { name: '🙂'.repeat(300) }))).login.name).to.equal(
      '🙂'.repeat(200),
    );
    expect((await verify(agentClaims(NOW, { name: '\u0007' }))).login.name).to.equal(null);
  });

  describe('the algorithm', () => {
    it('follows from the key: RS256 of an RSA key, ES256 of a P-256 key', async () => {
      const byRsa = jwt.sign(agentClaims(NOW), rsa.privateKey, { algorithm: 'RS256' });
      const byEc = jwt.sign(agentClaims(NOW), ec.privateKey, { algorithm: 'ES256' });
      expect(await codeOf(byRsa, { keys: [publicKey(pem(rsa.publicKey))] })).to.equal('accepted');
      expect(await codeOf(byEc, { keys: [publicKey(pem(ec.publicKey))] })).to.equal('accepted');
      expect(await codeOf(byRsa, { keys: [publicKey(pem(ec.publicKey))] })).to.equal('token_invalid');
    });

    it('is never what the token says', async () => {
      const claims = agentClaims(NOW);
      const unsigned = `${base64({ alg: 'none', typ: 'JWT' })}.${base64(claims)}.`;
      const publicPem = pem(rsa.publicKey);
      const head = `${base64({ alg: 'HS256', typ: 'JWT' })}.${base64(claims)}`;
      const confused = `${head}.${createHmac('sha256', publicPem).update(head).digest('base64url')}`;
      const keys = [publicKey(publicPem)];
      expect(await codeOf(unsigned)).to.equal('token_invalid');
      expect(await codeOf(unsigned, { keys })).to.equal('token_invalid');
      expect(await codeOf(confused, { keys })).to.equal('token_invalid');
      expect(await codeOf(jwt.sign(claims, SECRET, { algorithm: 'HS384' }))).to.equal('token_invalid');
      expect(await codeOf(jwt.sign(claims, rsa.privateKey, { algorithm: 'RS512' }), { keys })).to.equal(
        'token_invalid',
      );
    });

    it('takes no key from the token: jwk, jku, x5c and kid choose nothing', async () => {
      const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const header = {
        alg: 'RS256' as const,
        kid: '../../dev/null',
        jku: 'https://evil.example/keys',
        jwk: other.publicKey.export({ format: 'jwk' }),
      };
      const token = jwt.sign(agentClaims(NOW), other.privateKey, {
        algorithm: 'RS256',
        header: header as unknown as jwt.JwtHeader,
      });
      expect(await codeOf(token, { keys: [publicKey(pem(rsa.publicKey))] })).to.equal('token_invalid');
    });

    it('refuses extensions that it does not know', async () => {
      const claims = JSON.stringify(agentClaims(NOW));
      expect(await codeOf(forge({ alg: 'HS256' }, claims))).to.equal('accepted');
      expect(await codeOf(forge({ alg: 'HS256', crit: ['exp'] }, claims))).to.equal('token_invalid');
    });

    it('takes the new and the previous secret while rotating, and no third', async () => {
      const previous = 'the secret before, of thirty-two bytes at least';
      const keys = [secretKey(SECRET), secretKey(previous)];
      expect(await codeOf(sign(agentClaims(NOW)), { keys })).to.equal('accepted');
      expect(await codeOf(sign(agentClaims(NOW), previous), { keys })).to.equal('accepted');
      expect(
        await codeOf(sign(agentClaims(NOW), 'another secret of thirty-two bytes or so'), { keys }),
      ).to.equal('token_invalid');
    });
  });

  describe('times', () => {
    it('gives none beyond exp: expired in the millisecond that it names', async () => {
      const token = sign(agentClaims(NOW));
      expect(await codeOf(token, { now: NOW + 3_600_000 - 1 })).to.equal('accepted');
      expect(await codeOf(token, { now: NOW + 3_600_000 })).to.equal('token_expired');
    });

    for (const claim of ['iat', 'nbf', 'auth_time']) {
      it(`tolerates 60 s of skew in ${claim}, and no more`, async () => {
        expect(await codeOf(sign(agentClaims(NOW, { [claim]: SECONDS + 60 })))).to.equal('accepted');
        expect(await codeOf(sign(agentClaims(NOW, { [claim]: SECONDS + 61 })))).to.equal('token_invalid');
      });
    }

    it('judges the signature before the times: nobody learns from a forged token that it has expired', async () => {
      expect(
        await codeOf(sign(agentClaims(NOW - 7_200_000), 'another secret of thirty-two bytes or so')),
      ).to.equal('token_invalid');
    });
  });

  describe('issuer and audience', () => {
    it('count where they are set, and only there', async () => {
      const token = sign(agentClaims(NOW, { iss: 'desk', aud: ['vigil', 'other'] }));
      expect(await codeOf(token)).to.equal('accepted');
      expect(await codeOf(token, { issuer: 'desk', audience: 'vigil' })).to.equal('accepted');
      expect(await codeOf(token, { issuer: 'desk2' })).to.equal('token_invalid');
      expect(await codeOf(token, { audience: 'vigil2' })).to.equal('token_invalid');
      expect(await codeOf(sign(agentClaims(NOW)), { issuer: 'desk' })).to.equal('token_invalid');
      expect(await codeOf(sign(agentClaims(NOW)), { audience: 'vigil' })).to.equal('token_invalid');
    });
  });

  describe('what is no token', () => {
    for (const [what, token] of [
      ['nothing', undefined],
      ['null', null],
      ['an empty text', ''],
    ] as const) {
      it(`calls ${what} missing`, async () => expect(await codeOf(token)).to.equal('token_missing'));
    }
    for (const [what, token] of [
      ['a number', 5],
      ['an object', { toString: () => sign(agentClaims(NOW)) }],
      ['a list', [sign(agentClaims(NOW))]],
      ['a word', 'token'],
      ['three dots', '...'],
      ['a token cut short', sign(agentClaims(NOW)).slice(0, -2)],
      ['claims that are no object', jwt.sign('ann', SECRET)],
      ['claims that are null', forge({ alg: 'HS256' }, 'null')],
      ['claims that are a list', forge({ alg: 'HS256', typ: 'JWT' }, '[]')],
      ['claims that are no JSON', forge({ alg: 'HS256', typ: 'JWT' }, '{"sub":')],
      ['a header that is no JSON', `e30x.${base64(agentClaims(NOW))}.AAAA`],
      ['8 kB and more', sign(agentClaims(NOW, { padding: 'x'.repeat(8_192) }))],
      ['a good one with a blank behind', `${sign(agentClaims(NOW))} `],
    ] as const) {
      it(`refuses ${what}`, async () => expect(await codeOf(token)).to.equal('token_invalid'));
    }
  });

  describe('claims', () => {
    const without = (name: string) => {
      const { [name]: _dropped, ...rest } = agentClaims(NOW);
      return sign(rest);
    };
    const raw = (claims: Record<string, unknown>) =>
      forge({ alg: 'HS256' }, JSON.stringify(agentClaims(NOW, claims)));

    for (const name of ['sub', 'account', 'sid', 'exp']) {
      it(`requires ${name}`, async () => expect(await codeOf(without(name))).to.equal('token_invalid'));
    }
    it('requires iat', async () => {
      const { iat: _dropped, ...claims } = agentClaims(NOW);
      expect(await codeOf(forge({ alg: 'HS256' }, JSON.stringify(claims)))).to.equal('token_invalid');
    });

    for (const name of ['sub', 'account', 'sid']) {
      for (const [what, value] of [
        ['empty', ''],
        ['a number', 7],
        ['null', null],
        ['an object', {}],
        ['of 129 characters', 'a'.repeat(129)],
        ['with a line break', 'ann\nbob'],
        ['with a NUL', 'ann\u0000'],
        ['with half a character', 'ann\ud83d'],
      ] as const) {
        it(`refuses a ${name} that is ${what}`, async () =>
          expect(await codeOf(raw({ [name]: value }))).to.equal('token_invalid'));
      }
      for (const value of ['__proto__', 'a:b{c}', '🙂'.repeat(128), ' ann ', 'Ålesund/../x%00']) {
        it(`takes ${JSON.stringify(value).slice(0, 20)} for a ${name}, exactly as it is`, async () => {
          const { login } = await verify(agentClaims(NOW, { [name]: value }));
          expect(name === 'sub' ? login.agent : login[name as 'account' | 'sid']).to.equal(value);
        });
      }
    }

    for (const name of ['iat', 'exp', 'nbf', 'auth_time']) {
      for (const value of [String(SECONDS), null, -1, 1e300, true, [SECONDS]]) {
        it(`refuses ${JSON.stringify(value)} for ${name}`, async () =>
          expect(await codeOf(raw({ [name]: value }))).to.equal('token_invalid'));
      }
    }

    for (const [name, value] of [
      ['name', 7],
      ['permissions', 'manage_security'],
      ['permissions', [['manage_security']]],
      ['permissions', { 0: 'manage_security' }],
      ['auto_assign', 'true'],
      ['service', 'true'],
      ['service', 1],
    ] as const) {
      it(`refuses ${JSON.stringify(value)} for ${name}`, async () =>
        expect(await codeOf(raw({ [name]: value }))).to.equal('token_invalid'));
    }

    it('tells what was wrong, and nothing of the token', async () => {
      const verifier = createTokenVerifier({ keys: [secretKey(SECRET)] });
      const error = await verifier.verify(without('sid'), () => NOW).catch((refusal: unknown) => refusal);
      expect(error).to.be.instanceOf(TokenRefused).and.to.have.property('message', 'The token has no sid.');
    });
  });
});
