import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import type { SessionView } from '../../shared/protocol.ts';
import { setTimeoutOf } from '../process/short-node.ts';
import { apiOf } from '../support/api.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { runVigil, startVigil, type VigilProcess } from '../support/node-process.ts';
import { freePort, temporaryFolder } from '../support/places.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { openTab, Tab } from '../support/tab.ts';
import { SECRET, signServiceToken, signToken } from '../support/tokens.ts';
import { pause, until } from '../support/waiting.ts';

const LEAD_MS = 2_000;
const TIMEOUT_MS = 6_000;

describe('nodes as processes on Redis', function () {
  this.timeout(60_000);
  const cleanup = cleanupAfterEach();

  const settings = (redis: RedisServer, more: Record<string, string> = {}) => ({
    REDIS_URL: redis.url,
    VIGIL_JWT_SECRET: SECRET,
    VIGIL_WARNING_LEAD: `${LEAD_MS}ms`,
    VIGIL_MIN_TIMEOUT: `${TIMEOUT_MS}ms`,
    ...more,
  });
  const startNode = async (redis: RedisServer): Promise<VigilProcess> =>
    cleanup.using(await startVigil(settings(redis)));
  const ready = async (node: VigilProcess) => (await apiOf(node.url).get('/readyz')).status;

  it('are refused with 78 where they do not agree with those that are there', async () => {
    const redis = cleanup.using(await startRedis());
    await startNode(redis);
    const { code, output } = await runVigil({ PORT: '0', ...settings(redis, { VIGIL_WARNING_LEAD: '3s' }) });
    expect(code).to.equal(78);
    expect(output).to.include('REDIS_URL').and.to.include('VIGIL_WARNING_LEAD');
  });

  it('say in one line that Redis cannot be reached, and end', async () => {
    const redis = cleanup.using(await startRedis());
    await redis.kill9();
    const { code, output } = await runVigil({ PORT: '0', ...settings(redis) });
    expect(code).to.equal(1);
    expect(output.split('\n').at(-1)).to.equal(
      `REDIS_URL: redis://${new URL(redis.url).host} cannot be reached (ECONNREFUSED)`,
    );
  });

  it('warn of a Redis that persists nothing, in the log and in the metrics', async () => {
    const redis = cleanup.using(await startRedis());
    const node = await startNode(redis);
    await node.waitForLog(({ msg = '' }) => msg.includes('persists nothing'), 'the warning');
    const metrics = await fetch(`${node.url}/metrics`).then((answer) => answer.text());
    expect(metrics).to.include('vigil_redis_concern{concern="not_persisted"} 1');
  });

  it('are not ready while Redis takes no writes, however well it reads', async () => {
    const redis = cleanup.using(await startRedis());
    const node = await startNode(redis);
    const wanted = (replicas: string) => redis.command('CONFIG', 'SET', 'min-replicas-to-write', replicas);
    await wanted('1');
    await until(async () => (await ready(node)) === 503, 'a node that is not ready');
    // More often than the node looks, and for several times as long.
    for (let look = 0; look < 30; look += 1) {
      expect(await ready(node)).to.equal(503);
      await pause(50);
    }
    await wanted('0');
    await until(async () => (await ready(node)) === 200, 'a node that is ready again');
  });

  it('speak TLS and say who they are where the URL says so', async () => {
    const folder = temporaryFolder('tls');
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject];
    execFileSync('openssl', [...request, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    const port = await freePort();
    const tls = [
      '--tls-port',
      `${port}`,
      '--tls-cert-file',
      cert,
      '--tls-key-file',
      key,
      '--tls-ca-cert-file',
      cert,
    ];
    const redis = cleanup.using(await startRedis({ args: [...tls, '--tls-auth-clients', 'no'] }));
    await redis.command('ACL', 'SETUSER', 'vigil', 'on', '>p@ss:w/rd', '~vigil:*', '&{vigil}*', '+@all');
    await redis.command('ACL', 'SETUSER', 'default', 'off');
    const url = (password: string) => `rediss://vigil:${encodeURIComponent(password)}@localhost:${port}`;
    const trusting = { NODE_EXTRA_CA_CERTS: cert };
    const nodes = [];
    for (let count = 0; count < 2; count += 1) {
      const env = settings(redis, { REDIS_URL: url('p@ss:w/rd'), ...trusting });
      nodes.push(cleanup.using(await startVigil(env)));
    }
    const token = signToken({ sub: 'ann' });
    const tabs = [];
    for (const node of nodes) tabs.push(cleanup.using(await openTab(node.url, token)));
    await tabs[0]!.logout();
    await tabs[1]!.next('ended');
    const { output } = await runVigil({
      PORT: '0',
      ...settings(redis, { REDIS_URL: url('wrong'), ...trusting }),
    });
    expect(output).to.include('REDIS_URL').and.not.to.include('wrong');
  });

  it('keep sockets and answer 503 while Redis is away, and end nobody early when it is back', async () => {
    const redis = cleanup.using(await startRedis({ persistence: 'aof' }));
    const nodes = [await startNode(redis), await startNode(redis)];
    await setTimeoutOf(nodes[0]!.url, 'acme', TIMEOUT_MS / 1000);
    const token = signToken({ sub: 'ann' });
    const tab = cleanup.using(await openTab(nodes[0]!.url, token));
    await tab.next('warning');
    await redis.kill9();
    await until(async () => (await ready(nodes[0]!)) === 503, 'a node that is not ready');
    expect((await apiOf(nodes[1]!.url, token).get('/v1/verify')).status).to.equal(503);
    await pause(LEAD_MS + 500);
    // Typed while nobody could hear it, after the end would have come.
    tab.activity();
    const typedAt = Date.now();
    await pause(500);
    await redis.restart();
    // On a busy disk Redis may have written the warning to no file yet: then the tab is first told of the time before it.
    const isCounted = ({ state, lastActivityAt }: SessionView) =>
      state === 'active' && lastActivityAt >= typedAt - 300;
    const { message } = await tab.next('session', isCounted, 10_000);
    expect(message.lastActivityAt).to.be.at.most(typedAt + 300);
    expect(tab.all('ended')).to.deep.equal([]);
    expect(tab.socket.connected).to.equal(true);
    for (const node of nodes) expect(node.running).to.equal(true);
    await until(async () => (await ready(nodes[1]!)) === 200, 'the other node to be ready');
    expect((await apiOf(nodes[1]!.url, token).get('/v1/verify')).status).to.equal(204);
  });

  it('put back what they know into a Redis that comes back empty, and refuse everybody else', async () => {
    const redis = cleanup.using(await startRedis());
    const nodes = [await startNode(redis), await startNode(redis)];
    await setTimeoutOf(nodes[0]!.url, 'acme', 60);
    const token = signToken({ sub: 'ann', auto_assign: true });
    const gone = signToken({ sub: 'bob' });
    const tab = cleanup.using(await openTab(nodes[0]!.url, token));
    (await openTab(nodes[1]!.url, gone)).close();
    tab.activity();
    await pause(1_500);
    const rev = tab.all('session').at(-1)!.message.rev;
    await redis.kill9();
    await pause(1_000);
    await redis.restart();
    const { message } = await tab.next('session', (session) => session.rev > rev, 10_000);
    expect(message).to.include({ state: 'active', timeoutMs: 60_000, available: true });
    await until(async () => (await ready(nodes[1]!)) === 200, 'a node that is ready');
    const policy = await apiOf(nodes[1]!.url, signServiceToken()).get('/v1/policy');
    expect(policy.body).to.include({ timeoutSeconds: 60 });
    await until(
      async () => {
        const refused = new Tab(nodes[1]!.url, gone);
        const refusal = await refused.refused();
        refused.close();
        return refusal.code === 'session_ended' && refusal.reason === 'lost';
      },
      'the login of nobody that anybody vouches for to be refused',
      { timeoutMs: 10_000, everyMs: 500 },
    );
    expect((await apiOf(nodes[1]!.url, token).get('/v1/verify')).status).to.equal(204);
    expect(tab.all('ended')).to.deep.equal([]);
  });
});
