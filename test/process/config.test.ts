import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import { apiOf } from '../support/api.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { runVigil, startVigil } from '../support/node-process.ts';
import { temporaryFolder } from '../support/places.ts';
import { agentClaims, newSid, SECRET, signToken } from '../support/tokens.ts';

const EX_CONFIG = 78;

describe('the settings of a process', () => {
  const cleanup = cleanupAfterEach();

  /** Starts with these settings; resolves with the lines that name a variable. */
  async function refusal(env: Record<string, string>): Promise<string> {
    const { code, output } = await runVigil({ PORT: '0', VIGIL_DATA_DIR: 'none', ...env });
    expect(code, output).to.equal(EX_CONFIG);
    expect(output, 'it must not listen').to.not.match(/"port":\d/);
    return output;
  }

  it('are judged all at once: every faulty variable is named, a line each, and the exit is 78', async () => {
    const faulty = {
      PORT: '70000',
      VIGIL_JWT_SECRET: 'too short',
      VIGIL_ALLOWED_ORIGINS: 'https://desk.example/path',
      VIGIL_TRUST_PROXY: '10.0.0.0/99',
      VIGIL_WARNING_LEAD: 'soon',
      VIGIL_IDLE_AFTER: '-1s',
      VIGIL_LEAVE_GRACE: '5',
      VIGIL_WEBHOOK_URL: 'ftp://desk.example',
      VIGIL_WEBHOOK_SECRET: 'secret',
      VIGIL_DEMO: 'maybe',
      REDIS_URL: 'http://redis',
      LOG_LEVEL: 'loud',
    };
    const lines = (await refusal(faulty)).split('\n');
    for (const variable of Object.keys(faulty)) {
      expect(
        lines.filter((line) => line.includes(variable)),
        variable,
      ).to.have.length(1);
    }
    expect(lines.join('\n'), 'no secret is shown').to.not.include('too short');
  });

  it('need a key outside demo mode, and no more than one', async () => {
    expect(await refusal({ NODE_ENV: 'production' })).to.include('VIGIL_JWT_SECRET');
    expect(await refusal({ VIGIL_DEMO: '0' })).to.include('VIGIL_JWT_SECRET');
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const both = await refusal({ VIGIL_JWT_SECRET: SECRET, VIGIL_JWT_PUBLIC_KEY: pem });
    expect(both).to.include('VIGIL_JWT_SECRET: VIGIL_JWT_PUBLIC_KEY is set, too: only one may be');
    expect(both).to.include('VIGIL_JWT_PUBLIC_KEY: VIGIL_JWT_SECRET is set, too: only one may be');
  });

  it('refuse a minimum that is not longer than the lead', async () => {
    const output = await refusal({ VIGIL_JWT_SECRET: SECRET, VIGIL_MIN_TIMEOUT: '30s' });
    expect(output).to.include('VIGIL_MIN_TIMEOUT: 30s must be longer than VIGIL_WARNING_LEAD (1m)');
    const long = await refusal({ VIGIL_JWT_SECRET: SECRET, VIGIL_WARNING_LEAD: '20m' });
    expect(long).to.include('VIGIL_WARNING_LEAD: 20m must be shorter than VIGIL_MIN_TIMEOUT (15m)');
    expect(await refusal({ VIGIL_JWT_SECRET: SECRET, VIGIL_WARNING_LEAD: '500ms' })).to.include(
      'VIGIL_WARNING_LEAD',
    );
  });

  it('that are misspelt are told of at the start, and beside what is refused', async () => {
    const node = cleanup.using(await startVigil({ VIGIL_MINTIMEOUT: '1m' }));
    const word = 'VIGIL_MINTIMEOUT is not a setting; did you mean VIGIL_MIN_TIMEOUT?';
    await node.waitForLog(({ level, msg }) => level === 40 && msg === word, 'a warning');
    expect(await refusal({ VIGIL_DEMO: '0', VIGIL_JWT_SECRTE: SECRET })).to.include(
      'VIGIL_JWT_SECRTE is not a setting; did you mean VIGIL_JWT_SECRET?',
    );
  });

  it('refuse a folder that cannot be made, and do not try for ever', async () => {
    const output = await refusal({ VIGIL_JWT_SECRET: SECRET, VIGIL_DATA_DIR: '/proc/nope' });
    expect(output).to.match(/^VIGIL_DATA_DIR: cannot be used: ENOENT/m);
  });

  it('open the demo desk on the loopback where nothing is set', async () => {
    const node = cleanup.using(await startVigil({ VIGIL_DEMO: '1' }));
    const page = await apiOf(node.url).get('/login');
    expect(page.status).to.equal(200);
    expect(page.headers.get('content-type')).to.match(/^text\/html/);
  });

  it('keep the demo desk away where a key is set', async () => {
    const node = cleanup.using(await startVigil());
    expect((await apiOf(node.url).get('/login')).status).to.equal(404);
  });

  it('say that a short minimum is for tests, in the log', async () => {
    const env = { VIGIL_MIN_TIMEOUT: '5s', VIGIL_WARNING_LEAD: '2s' };
    const node = cleanup.using(await startVigil(env));
    await node.waitForLog(
      (line) => JSON.stringify(line).includes('VIGIL_MIN_TIMEOUT'),
      'a word on VIGIL_MIN_TIMEOUT',
    );
  });

  it('take a public key as text or as a file, and two secrets while one is rotated', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const file = join(temporaryFolder('key'), 'vigil.pem');
    writeFileSync(file, pem);
    const signed = jwt.sign(agentClaims(Date.now(), { sid: newSid() }), privateKey, { algorithm: 'RS256' });
    const next = 'the secret that is to follow and long enough';
    const cases: [Record<string, string>, string][] = [
      [{ VIGIL_JWT_PUBLIC_KEY: pem }, signed],
      [{ VIGIL_JWT_PUBLIC_KEY: file }, signed],
      [{ VIGIL_JWT_SECRET: `${next},${SECRET}` }, signToken()],
      [{ VIGIL_JWT_SECRET: `${next},${SECRET}` }, signToken({}, next)],
    ];
    await Promise.all(
      cases.map(async ([env, token]) => {
        const node = cleanup.using(await startVigil(env));
        const { status, body } = await apiOf(node.url, token).get('/v1/session');
        expect(status, JSON.stringify(body)).to.equal(200);
        const forged = signToken({}, 'a secret that nobody has given to the server');
        expect((await apiOf(node.url, forged).get('/v1/session')).body.code).to.equal('token_invalid');
      }),
    );
  }).timeout(30_000);

  it('write logs as JSON and no token into them', async () => {
    const node = cleanup.using(await startVigil({ LOG_LEVEL: 'trace' }));
    const token = signToken();
    await apiOf(node.url, token).get('/v1/session');
    await apiOf(node.url, `${token}x`).get(`/v1/session?token=${token}`);
    await node.kill('SIGTERM');
    expect(node.logs.length).to.be.greaterThan(0);
    const text = JSON.stringify(node.logs);
    expect(text).to.not.include(token);
    expect(text).to.not.include(token.split('.')[2]);
    expect(text).to.not.include(SECRET);
  });
});
