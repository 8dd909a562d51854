import { expect } from 'chai';
import { apiOf } from '../support/api.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { runVigil, startVigil } from '../support/node-process.ts';
import { startRedis } from '../support/redis.ts';
import { openTab } from '../support/tab.ts';
import { signServiceToken, signToken } from '../support/tokens.ts';
import { pause } from '../support/waiting.ts';

const JWT_SECRET = 'canary-jwt-secret-of-thirty-two-bytes-and-more';
const WEBHOOK_SECRET = `whsec_${Buffer.from('canary-webhook-secret-32-bytes-xx').toString('base64')}`;
const METRICS_TOKEN = 'canary-metrics-token';
const REDIS_PASSWORD = 'canary-redis-password';
const SECRETS = [JWT_SECRET, WEBHOOK_SECRET, WEBHOOK_SECRET.slice(6), METRICS_TOKEN, REDIS_PASSWORD];

function expectNone(text: string, where: string): void {
  for (const secret of SECRETS) expect(text.includes(secret), `${secret} in ${where}`).to.equal(false);
}

describe('the secrets of a node', function () {
  this.timeout(30_000);
  const cleanup = cleanupAfterEach();

  it('stand in no log, metric, answer, error or audit entry, also while Redis and the receiver fail', async () => {
    const redis = cleanup.using(await startRedis({ args: ['--requirepass', REDIS_PASSWORD] }));
    const node = cleanup.using(
      await startVigil({
        REDIS_URL: `redis://:${REDIS_PASSWORD}@127.0.0.1:${redis.port}`,
        VIGIL_JWT_SECRET: JWT_SECRET,
        VIGIL_WEBHOOK_URL: 'http://127.0.0.1:9/hook',
        VIGIL_WEBHOOK_SECRET: WEBHOOK_SECRET,
        VIGIL_METRICS_TOKEN: METRICS_TOKEN,
        LOG_LEVEL: 'trace',
      }),
    );
    const manager = signToken({ sub: 'mia', permissions: ['manage_security'] }, JWT_SECRET);
    const service = signServiceToken({}, JWT_SECRET);
    const answers: unknown[] = [];
    const ask = async () => {
      for (const [token, path] of [
        [manager, '/v1/audit'],
        [manager, '/v1/policy'],
        [service, '/v1/webhooks/dead-letters'],
        [service, '/v1/events'],
        [METRICS_TOKEN, '/metrics'],
        ['guess', '/metrics'],
        [METRICS_TOKEN, '/v1/session'],
        [undefined, '/readyz'],
        [undefined, '/openapi.json'],
        [undefined, '/dashboard/'],
      ] as const) {
        const { body, headers } = await apiOf(node.url, token).get(path);
        answers.push(body, [...headers]);
      }
    };
    const tab = cleanup.using(await openTab(node.url, manager));
    await ask();
    await redis.kill9();
    await ask();
    await pause(500);
    answers.push(tab.received);
    expect(node.logs.length).to.be.greaterThan(5);
    expectNone(JSON.stringify(answers), 'an answer');
    expectNone(JSON.stringify(node.logs), 'the log');
  });

  it('stand in no complaint about the settings that hold them', async () => {
    const { code, output } = await runVigil({
      PORT: 'x',
      VIGIL_JWT_SECRET: `${JWT_SECRET},${JWT_SECRET},short`,
      VIGIL_WEBHOOK_URL: `http://user:${METRICS_TOKEN}@127.0.0.1/`,
      VIGIL_WEBHOOK_SECRET: WEBHOOK_SECRET.slice(6),
      VIGIL_METRICS_TOKEN: `${METRICS_TOKEN} ü`,
      REDIS_URL: `redis://:${REDIS_PASSWORD}@a b/`,
    });
    expect(code).to.equal(78);
    for (const variable of [
      'VIGIL_JWT_SECRET',
      'VIGIL_WEBHOOK_URL',
      'VIGIL_WEBHOOK_SECRET',
      'VIGIL_METRICS_TOKEN',
      'REDIS_URL',
    ])
      expect(output).to.include(variable);
    expectNone(output, 'what it said');
  });

  it('stand in no complaint about a Redis that cannot be reached', async () => {
    const { code, output } = await runVigil({
      PORT: '0',
      HOST: '127.0.0.1',
      VIGIL_JWT_SECRET: JWT_SECRET,
      REDIS_URL: `redis://user:${REDIS_PASSWORD}@127.0.0.1:9`,
    });
    expect(code).to.not.equal(0);
    expect(output).to.include('REDIS_URL');
    expectNone(output, 'what it said');
  });
});
