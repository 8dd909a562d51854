import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import { type Config, readConfig } from '../../server/config.ts';
import { faultsOf, faultyOf } from '../support/settings.ts';
import { SECRET } from '../support/tokens.ts';

const KEYED = { VIGIL_JWT_SECRET: SECRET };
const WEBHOOK_SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

describe('the settings', () => {
  it('have the defaults of the contract, with a key', () => {
    const { tokens, ...config } = readConfig(KEYED);
    expect(tokens.keys.map(({ algorithm }) => algorithm)).to.deep.equal(['HS256']);
    expect(config).to.deep.equal({
      port: 3000,
      host: '0.0.0.0',
      redis: null,
      dataDir: './data',
      allowedOrigins: [],
      trustedProxies: [],
      maxConnections: null,
      verifyCookie: null,
      metricsToken: null,
      leadMs: 60_000,
      minTimeoutMs: 900_000,
      idleAfterMs: 60_000,
      leaveGraceMs: 5_000,
      audit: { maxAgeMs: 400 * 86_400_000, maxEvents: 100_000 },
      webhook: null,
      demo: null,
      logLevel: 'info',
    } satisfies Omit<Config, 'tokens'>);
  });

  it('are the demo desk’s on the loopback, with a timeout that can be tried, where nothing is set', () => {
    expect(readConfig({})).to.deep.include({
      host: '127.0.0.1',
      demo: { secret: null },
      minTimeoutMs: 90_000,
    });
    expect(readConfig({ VIGIL_MIN_TIMEOUT: '15m' }).minTimeoutMs).to.equal(900_000);
    expect(readConfig({ VIGIL_WARNING_LEAD: '2m' }), 'a lead that 90 s would not be longer than').to.include({
      leadMs: 120_000,
      minTimeoutMs: 900_000,
    });
  });

  it('say whether there is a demo desk', () => {
    expect(readConfig(KEYED).demo).to.equal(null);
    expect(readConfig({ ...KEYED, VIGIL_DEMO: '1' })).to.deep.include({
      demo: { secret: SECRET },
      host: '127.0.0.1',
    });
    expect(readConfig({ NODE_ENV: 'production', VIGIL_DEMO: '1' }).demo).to.deep.equal({ secret: null });
    expect(faultyOf({ NODE_ENV: 'production' })).to.deep.equal(['VIGIL_JWT_SECRET']);
    expect(faultyOf({ VIGIL_DEMO: '0' })).to.deep.equal(['VIGIL_JWT_SECRET']);
  });

  it('do not open a demo desk in place of a secret that came out empty', () => {
    expect(faultyOf({ VIGIL_JWT_SECRET: '' })).to.deep.equal(['VIGIL_JWT_SECRET']);
    expect(faultyOf({ VIGIL_JWT_PUBLIC_KEY: ' ' })).to.deep.equal(['VIGIL_JWT_PUBLIC_KEY']);
    expect(faultyOf({ ...KEYED, VIGIL_JWT_PUBLIC_KEY: '' })).to.deep.equal([]);
  });

  it('take an empty variable for one that is not set', () => {
    const names = [
      'PORT',
      'HOST',
      'REDIS_URL',
      'VIGIL_DATA_DIR',
      'VIGIL_ALLOWED_ORIGINS',
      'VIGIL_WARNING_LEAD',
      'VIGIL_DEMO',
      'LOG_LEVEL',
    ];
    const { tokens: _keys, ...config } = readConfig({
      ...KEYED,
      ...Object.fromEntries(names.map((name) => [name, ''])),
    });
    const { tokens: _others, ...usual } = readConfig(KEYED);
    expect(config).to.deep.equal(usual);
  });

  it('are read, each in its form', () => {
    const config = readConfig({
      PORT: '0',
      HOST: '::',
      VIGIL_DATA_DIR: 'none',
      VIGIL_JWT_SECRET: `${SECRET}, ${SECRET}2`,
      VIGIL_JWT_ISSUER: 'desk',
      VIGIL_JWT_AUDIENCE: 'vigil',
      VIGIL_ALLOWED_ORIGINS: 'https://Desk.example, http://localhost:8080/,',
      VIGIL_TRUST_PROXY: '10.0.0.0/8, ::1, 192.0.2.7',
      VIGIL_VERIFY_COOKIE: '__Host-vigil',
      VIGIL_METRICS_TOKEN: 'let-me-see',
      VIGIL_WARNING_LEAD: '1s',
      VIGIL_MIN_TIMEOUT: '1500ms',
      VIGIL_IDLE_AFTER: '5m',
      VIGIL_LEAVE_GRACE: '0s',
      VIGIL_AUDIT_MAX_AGE: '30d',
      VIGIL_AUDIT_MAX_EVENTS: '2000',
      VIGIL_WEBHOOK_URL: 'https://desk.example/hooks?of=vigil',
      VIGIL_WEBHOOK_SECRET: WEBHOOK_SECRET,
      LOG_LEVEL: 'warn',
    });
    expect(config.tokens).to.include({ issuer: 'desk', audience: 'vigil' });
    expect(config.tokens.keys).to.have.length(2);
    expect(config).to.deep.include({
      port: 0,
      host: '::',
      dataDir: null,
      allowedOrigins: ['https://desk.example', 'http://localhost:8080'],
      trustedProxies: ['10.0.0.0/8', '::1', '192.0.2.7'],
      verifyCookie: '__Host-vigil',
      metricsToken: 'let-me-see',
      leadMs: 1_000,
      minTimeoutMs: 1_500,
      idleAfterMs: 300_000,
      leaveGraceMs: 0,
      audit: { maxAgeMs: 30 * 86_400_000, maxEvents: 2_000 },
      webhook: { url: 'https://desk.example/hooks?of=vigil', secret: WEBHOOK_SECRET },
      logLevel: 'warn',
    });
  });

  it('name every fault at once, and no secret in it', () => {
    const env = {
      PORT: '65536',
      HOST: 'not a host',
      REDIS_URL: 'redis://user:hunter2@',
      VIGIL_JWT_SECRET: 'hunter2',
      VIGIL_ALLOWED_ORIGINS: '*',
      VIGIL_TRUST_PROXY: 'loopback',
      VIGIL_VERIFY_COOKIE: 'a b',
      VIGIL_METRICS_TOKEN: 'hunter 2',
      VIGIL_WARNING_LEAD: '1 minute',
      VIGIL_MIN_TIMEOUT: '31d',
      VIGIL_IDLE_AFTER: '60',
      VIGIL_LEAVE_GRACE: '-5s',
      VIGIL_AUDIT_MAX_AGE: '47h',
      VIGIL_AUDIT_MAX_EVENTS: '999',
      VIGIL_WEBHOOK_URL: 'https://user:hunter2@desk.example',
      VIGIL_WEBHOOK_SECRET: 'whsec_hunter2',
      VIGIL_DEMO: 'yes',
      LOG_LEVEL: 'verbose',
    };
    const faults = faultsOf(env);
    expect(Object.keys(faults).sort()).to.deep.equal(Object.keys(env).sort());
    expect(JSON.stringify(faults)).to.not.include('hunter2');
  });

  it('hold the minimum timeout longer than the lead, and blame what was set', () => {
    expect(faultyOf({ ...KEYED, VIGIL_MIN_TIMEOUT: '60s' })).to.deep.equal(['VIGIL_MIN_TIMEOUT']);
    expect(faultyOf({ ...KEYED, VIGIL_WARNING_LEAD: '15m' })).to.deep.equal(['VIGIL_WARNING_LEAD']);
    expect(faultyOf({ ...KEYED, VIGIL_WARNING_LEAD: '10s', VIGIL_MIN_TIMEOUT: '10s' })).to.deep.equal([
      'VIGIL_MIN_TIMEOUT',
    ]);
    expect(faultyOf({ ...KEYED, VIGIL_WARNING_LEAD: '10s', VIGIL_MIN_TIMEOUT: '10001ms' })).to.deep.equal([]);
    expect(faultyOf({ ...KEYED, VIGIL_WARNING_LEAD: '999ms' })).to.deep.equal(['VIGIL_WARNING_LEAD']);
  });

  it('need both of what webhooks take, or neither', () => {
    expect(faultyOf({ ...KEYED, VIGIL_WEBHOOK_URL: 'https://desk.example' })).to.deep.equal([
      'VIGIL_WEBHOOK_SECRET',
    ]);
    expect(faultyOf({ ...KEYED, VIGIL_WEBHOOK_SECRET: WEBHOOK_SECRET })).to.deep.equal(['VIGIL_WEBHOOK_URL']);
  });

  it('keep the demo desk from claims that it does not make', () => {
    expect(faultyOf({ VIGIL_JWT_ISSUER: 'desk' })).to.deep.equal(['VIGIL_DEMO']);
    expect(
      faultyOf({
        VIGIL_DEMO: '1',
        VIGIL_JWT_PUBLIC_KEY: pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' })),
      }),
    ).to.deep.equal(['VIGIL_DEMO']);
  });

  describe('Redis', () => {
    const redis = (url: string) => readConfig({ ...KEYED, REDIS_URL: url }).redis;

    it('is one server, with or without TLS, a login and a database', () => {
      expect(redis('redis://localhost')).to.deep.equal({ kind: 'single', url: 'redis://localhost' });
      expect(redis('rediss://me:s%40cret@redis.example:6380/2')).to.deep.equal({
        kind: 'single',
        url: 'rediss://me:s%40cret@redis.example:6380/2',
        username: 'me',
        password: 's@cret',
      });
    });

    it('is a Cluster, or Sentinels and the name of what they watch', () => {
      expect(redis('redis+cluster://:pass@h1:7000,h2,[::1]:7001')).to.deep.equal({
        kind: 'cluster',
        nodes: [
          { host: 'h1', port: 7000 },
          { host: 'h2', port: 6379 },
          { host: '::1', port: 7001 },
        ],
        password: 'pass',
      });
      expect(redis('redis+sentinel://h1:26379,h2/my-master')).to.deep.equal({
        kind: 'sentinel',
        sentinels: [
          { host: 'h1', port: 26_379 },
          { host: 'h2', port: 26_379 },
        ],
        name: 'my-master',
      });
    });

    it('is nothing else', () => {
      for (const url of [
        'localhost:6379',
        'http://localhost',
        'redis://',
        'redis://localhost/name',
        'redis+cluster://',
        'redis+cluster://h1:0',
        'redis+cluster://h1:99999',
        'redis+cluster://h1,,h2',
        'redis+cluster://h1/3',
        'redis+sentinel://h1',
        'redis+sentinel://h1/a/b',
        'redis+sentinel://h1/%ff',
        'redis+unix:///tmp/redis.sock',
      ]) {
        expect(faultyOf({ ...KEYED, REDIS_URL: url }), url).to.deep.equal(['REDIS_URL']);
      }
    });
  });
});

function pemOf({ publicKey }: { publicKey: import('node:crypto').KeyObject }): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}
