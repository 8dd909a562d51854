import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { startShortNode } from '../process/short-node.ts';
import { startChild } from '../support/children.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { PROJECT, startVigil } from '../support/node-process.ts';
import { freePort, temporaryFolder } from '../support/places.ts';
import { startBalancer, startNginx } from '../support/proxies.ts';
import { startRedis } from '../support/redis.ts';
import { openTab, type Tab } from '../support/tab.ts';
import { SECRET, signServiceToken, signToken } from '../support/tokens.ts';
import { until } from '../support/waiting.ts';
import { settingsFor } from './nodes.ts';

describe('the files of deploy/', function () {
  this.timeout(60_000);
  const cleanup = cleanupAfterEach();

  /** A back end that says what reached it. */
  async function startDesk(): Promise<{ port: number; reached: IncomingHttpHeaders[] }> {
    const reached: IncomingHttpHeaders[] = [];
    const server = createServer((req, res) => {
      reached.push(req.headers);
      res.end('the desk');
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    cleanup.defer(() => server.close());
    return { port: (server.address() as { port: number }).port, reached };
  }

  /** deploy/nginx.conf with its addresses changed, as its first lines tell to. */
  async function startFront(nodePort: number, deskPort: number): Promise<string> {
    const port = await freePort();
    const config = readFileSync(join(PROJECT, 'deploy', 'nginx.conf'), 'utf8')
      .replace(/127\.0\.0\.1:300[123]/g, `127.0.0.1:${nodePort}`)
      .replace(/^pid .*$/m, '') // the runner names another
      .replace('127.0.0.1:4000', `127.0.0.1:${deskPort}`)
      .replace('127.0.0.1:8080', `127.0.0.1:${port}`);
    return cleanup.using(await startNginx(config, port)).url;
  }

  it('nginx lets only live sessions through to the desk, and says itself who they are', async () => {
    const redis = cleanup.using(await startRedis());
    const times = { leadMs: 2_000, timeoutMs: 60_000 };
    const node = cleanup.using(await startShortNode(settingsFor(redis.url, times), []));
    const desk = await startDesk();
    const front = await startFront(node.port, desk.port);
    const token = signToken({ sub: 'ann é', sid: 'login-7' });
    const visit = (headers: Record<string, string>) => fetch(`${front}/tickets`, { headers });

    const allowed = await visit({
      authorization: `Bearer ${token}`,
      'x-vigil-agent': 'the-chief',
      'x-vigil-account': 'another',
    });
    expect([allowed.status, await allowed.text()]).to.deep.equal([200, 'the desk']);
    expect(desk.reached[0]).to.include({
      'x-vigil-agent': 'ann%20%C3%A9',
      'x-vigil-account': 'acme',
      'x-vigil-session': 'login-7',
    });

    const tab = cleanup.using(await openTab(front, token, { path: '/vigil/socket.io/' }));
    expect((await visit({})).status, 'without a token').to.equal(401);
    const ending = await fetch(`${node.url}/v1/sessions/login-7`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${signServiceToken()}` },
    });
    expect(ending.status).to.equal(204);
    await tab.next('ended');
    expect((await visit({ authorization: `Bearer ${token}` })).status, 'ended').to.equal(401);

    const other = `Bearer ${signToken({ sub: 'bob' })}`;
    expect((await visit({ authorization: other })).status).to.equal(200);
    await redis.kill9();
    await until(async () => (await visit({ authorization: other })).status >= 500, 'a closed door');
    await node.kill();
    expect((await visit({ authorization: other })).status, 'no Vigil at all').to.be.at.least(500);
    expect(desk.reached, 'only live sessions reached it').to.have.length.within(2, 3);
  });

  it('HAProxy gives new tabs to nodes that are ready, and says itself where they come from', async () => {
    const redis = cleanup.using(await startRedis());
    const settings = settingsFor(redis.url, { leadMs: 2_000, timeoutMs: 60_000 });
    const nodes = [];
    for (let count = 0; count < 3; count += 1) nodes.push(cleanup.using(await startVigil(settings)));
    const balancer = cleanup.using(await startBalancer(nodes));
    const tabs: Tab[] = [];
    for (let count = 0; count < 6; count += 1) {
      tabs.push(cleanup.using(await openTab(balancer.url, signToken({ sub: `agent-${count}` }))));
    }
    await nodes[0]!.kill('SIGKILL');
    const lost = await until(() => {
      const gone = tabs.filter(({ socket }) => !socket.connected);
      return gone.length > 0 && gone;
    }, 'tabs of the dead node');
    expect(lost).to.have.length(2);
    for (const tab of lost) {
      tab.reconnect();
      await tab.next('session');
    }
  });

  it('each process of the Procfile starts', async () => {
    const lines = readFileSync(join(PROJECT, 'Procfile'), 'utf8').split('\n').filter(Boolean);
    const types = lines.map((line) => /^([\w-]+):\s+(.+)$/.exec(line)!.slice(1) as [string, string]);
    expect(types.map(([name]) => name)).to.include('web');
    for (const [name, command] of types) {
      const { PATH = '', HOME = '' } = process.env;
      // `exec`, or a signal would end the shell alone.
      const child = startChild('/bin/sh', ['-c', `exec ${command}`], {
        cwd: PROJECT,
        env: {
          PATH,
          HOME,
          PORT: '0',
          HOST: '127.0.0.1',
          VIGIL_JWT_SECRET: SECRET,
          VIGIL_DATA_DIR: temporaryFolder('data'),
        },
      });
      cleanup.defer(() => child.kill());
      const ready = (line: string) => (line.includes('"listening"') ? JSON.parse(line) : undefined);
      const { url, pid } = await child.waitForLine<{ url: string; pid: number }>(ready, name, 40_000);
      expect((await fetch(`${url}/readyz`)).status).to.equal(200);
      process.kill(pid, 'SIGTERM');
      const { code } = await child.exited;
      expect(code, 'a clean end').to.equal(0);
    }
  });
});
