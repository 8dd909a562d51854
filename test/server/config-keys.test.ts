import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readConfig } from '../../server/config.ts';
import type { Environment } from '../../server/environment.ts';
import { temporaryFolder } from '../support/places.ts';
import { faultsOf, faultyOf } from '../support/settings.ts';
import { SECRET } from '../support/tokens.ts';

const KEYED = { VIGIL_JWT_SECRET: SECRET };

describe('the settings of keys', () => {
  const ec = pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  const algorithms = (env: Environment) => readConfig(env).tokens.keys.map(({ algorithm }) => algorithm);

  it('are a public key as PEM text, also on one line, or in a file', () => {
    const file = join(temporaryFolder('key'), 'key.pem');
    writeFileSync(file, pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 })));
    expect(algorithms({ VIGIL_JWT_PUBLIC_KEY: ec })).to.deep.equal(['ES256']);
    expect(algorithms({ VIGIL_JWT_PUBLIC_KEY: ec.replaceAll('\n', '\\n') })).to.deep.equal(['ES256']);
    expect(algorithms({ VIGIL_JWT_PUBLIC_KEY: file })).to.deep.equal(['RS256']);
  });

  it('are several public keys, a PEM block each, up to 16', () => {
    const rsa = pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 }));
    expect(algorithms({ VIGIL_JWT_PUBLIC_KEY: `${ec}\n# the one before\n${rsa}` })).to.deep.equal([
      'ES256',
      'RS256',
    ]);
    const file = join(temporaryFolder('key'), 'keys.pem');
    writeFileSync(file, rsa + ec);
    expect(algorithms({ VIGIL_JWT_PUBLIC_KEY: file })).to.deep.equal(['RS256', 'ES256']);
    expect(faultyOf({ VIGIL_JWT_PUBLIC_KEY: ec.repeat(17) })).to.deep.equal(['VIGIL_JWT_PUBLIC_KEY']);
  });

  it('come from a JWKS, by its path or its address', () => {
    const jwks = (text: string) => readConfig({ VIGIL_JWT_JWKS: text }).tokens.jwks;
    const file = join(temporaryFolder('key'), 'jwks.json');
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
    writeFileSync(file, JSON.stringify({ keys: [key] }));
    expect(jwks(file)).to.deep.equal({ kind: 'file', path: file });
    expect(readConfig({ VIGIL_JWT_JWKS: file }).demo).to.equal(null);
    for (const url of [
      'https://idp.example/jwks',
      'http://127.0.0.1:8080/jwks',
      'http://[::1]/',
      'http://localhost/',
    ]) {
      expect(jwks(url)).to.deep.equal({ kind: 'url', url });
    }
  });

  it('come from no other address, and from no file that holds none', () => {
    const empty = join(temporaryFolder('key'), 'jwks.json');
    writeFileSync(empty, '{"keys":[]}');
    for (const text of [
      'http://idp.example/jwks',
      'http://127.0.0.1.evil.example/',
      'ftp://idp.example/jwks',
      'https://me:hunter2@idp.example/',
      'https://',
      '/nowhere/jwks.json',
      empty,
    ]) {
      const faults = faultsOf({ VIGIL_JWT_JWKS: text });
      expect(Object.keys(faults), text).to.deep.equal(['VIGIL_JWT_JWKS']);
      expect(JSON.stringify(faults)).to.not.include('hunter2');
    }
    expect(faultyOf({ ...KEYED, VIGIL_JWT_JWKS: 'https://idp.example/' })).to.deep.equal([
      'VIGIL_JWT_JWKS',
      'VIGIL_JWT_SECRET',
    ]);
    expect(faultyOf({ VIGIL_DEMO: '1', VIGIL_JWT_JWKS: 'https://idp.example/' })).to.deep.equal([
      'VIGIL_DEMO',
    ]);
  });

  it('are refused where they are weak, private, of another kind or not there', () => {
    const pairs = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    for (const [key, says] of [
      [pemOf(generateKeyPairSync('rsa', { modulusLength: 1024 })), '2048 bits'],
      [pemOf(generateKeyPairSync('ec', { namedCurve: 'P-384' })), 'P-256'],
      [pemOf(generateKeyPairSync('ed25519')), 'ed25519'],
      [pairs.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 'private'],
      ['-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----', 'PEM'],
      ['/nowhere/key.pem', 'ENOENT'],
    ] as const) {
      expect(faultsOf({ VIGIL_JWT_PUBLIC_KEY: key }).VIGIL_JWT_PUBLIC_KEY, key.slice(0, 40)).to.include(says);
    }
  });

  it('are one or two secrets of 32 bytes each', () => {
    const bytes31 = 'x'.repeat(31);
    expect(faultsOf({ VIGIL_JWT_SECRET: bytes31 }).VIGIL_JWT_SECRET).to.include('32 bytes');
    expect(algorithms({ VIGIL_JWT_SECRET: `${bytes31}y` })).to.deep.equal(['HS256']);
    expect(algorithms({ VIGIL_JWT_SECRET: `${'é'.repeat(16)}` }), 'bytes, not characters').to.deep.equal([
      'HS256',
    ]);
    expect(faultyOf({ VIGIL_JWT_SECRET: `${SECRET},${bytes31}` })).to.deep.equal(['VIGIL_JWT_SECRET']);
    expect(faultyOf({ VIGIL_JWT_SECRET: `${SECRET},` })).to.deep.equal(['VIGIL_JWT_SECRET']);
    expect(faultyOf({ VIGIL_JWT_SECRET: [SECRET, SECRET, SECRET].join() })).to.deep.equal([
      'VIGIL_JWT_SECRET',
    ]);
    expect(faultyOf({ VIGIL_JWT_SECRET: SECRET, VIGIL_JWT_PUBLIC_KEY: ec })).to.deep.equal([
      'VIGIL_JWT_PUBLIC_KEY',
      'VIGIL_JWT_SECRET',
    ]);
  });
});

function pemOf({ publicKey }: { publicKey: import('node:crypto').KeyObject }): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}
