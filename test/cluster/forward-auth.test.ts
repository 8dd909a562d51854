import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { startShortNode } from '../process/short-node.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { PROJECT } from '../support/node-process.ts';
import { freePort } from '../support/places.ts';
import { startHaproxy, startNginx } from '../support/proxies.ts';
import { startRedis } from '../support/redis.ts';
import { openTab } from '../support/tab.ts';
import { newSid, signServiceToken, signToken } from '../support/tokens.ts';
import { until } from '../support/waiting.ts';
import { settingsFor } from './nodes.ts';

interface Addresses {
  node: number;
  desk: number;
}

/** The files of deploy/ that let a proxy ask Vigil, each with its addresses changed as its first lines tell to. */
const PROXIES: Record<string, (addresses: Addresses) => Promise<{ url: string; close(): unknown }>> = {
  async nginx({ node, desk }) {
    const port = await freePort();
    const config = readFileSync(join(PROJECT, 'deploy', 'nginx.conf'), 'utf8')
      .replace(/127\.0\.0\.1:300[123]/g, `127.0.0.1:${node}`)
      .replace(/^pid .*$/m, '') // the runner names another
      .replace('127.0.0.1:4000', `127.0.0.1:${desk}`)
      .replace('127.0.0.1:8080', `127.0.0.1:${port}`);
    return startNginx(config, port);
  },
  async HAProxy({ node, desk }) {
    const [port, nodes] = [await freePort(), await freePort()];
    return startHaproxy(join(PROJECT, 'deploy', 'haproxy-auth.cfg'), port, {
      VIGIL_LISTEN: `127.0.0.1:${port}`,
      VIGIL_NODES: `127.0.0.1:${nodes}`,
      VIGIL_LUA: join(PROJECT, 'deploy', 'haproxy-auth.lua'),
      DESK: `127.0.0.1:${desk}`,
      VIGIL_NODE_1: `127.0.0.1:${node}`,
      VIGIL_NODE_2: `127.0.0.1:${node}`,
      VIGIL_NODE_3: `127.0.0.1:${node}`,
    });
  },
};

describe('forward-auth by a proxy', function () {
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

  for (const [name, startProxy] of Object.entries(PROXIES)) {
    it(`${name} lets only live sessions through to the desk, and says itself who they are`, async () => {
      const redis = cleanup.using(await startRedis());
      const settings = settingsFor(redis.url, { leadMs: 2_000, timeoutMs: 60_000 });
      const node = cleanup.using(
        await startShortNode({ ...settings, VIGIL_VERIFY_COOKIE: 'vigil_token' }, []),
      );
      const desk = await startDesk();
      const { url } = cleanup.using(await startProxy({ node: node.port, desk: desk.port }));
      const visit = (headers: Record<string, string>) => fetch(`${url}/tickets`, { headers });
      const sid = newSid();
      const token = signToken({ sub: 'ann é', sid });
      const forged = { 'x-vigil-agent': 'the-chief', 'x-vigil-account': 'another' };
      const known = { 'x-vigil-agent': 'ann%20%C3%A9', 'x-vigil-account': 'acme', 'x-vigil-session': sid };

      // HAProxy lets nobody in before its first look at the nodes.
      const allowed = await until(async () => {
        const answer = await visit({ authorization: `Bearer ${token}`, ...forged });
        return answer.status === 200 && answer;
      }, 'the door to open');
      expect(await allowed.text()).to.equal('the desk');
      expect(desk.reached.at(-1)).to.include(known);

      const page = await visit({ cookie: `theme=dark; vigil_token=${token}`, x_vigil_agent: 'the-chief' });
      expect(page.status, 'a page load, by its cookie').to.equal(200);
      expect(desk.reached.at(-1)).to.include(known).and.not.have.property('x_vigil_agent');

      const reached = desk.reached.length;
      expect((await visit(forged)).status, 'without a token').to.equal(401);
      const tab = cleanup.using(await openTab(url, token, { path: '/vigil/socket.io/' }));
      const ending = await fetch(`${node.url}/v1/sessions/${sid}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${signServiceToken()}` },
      });
      expect(ending.status).to.equal(204);
      await tab.next('ended');
      expect((await visit({ authorization: `Bearer ${token}` })).status, 'ended').to.equal(401);

      expect(desk.reached, 'nobody else reached it').to.have.length(reached);
      const other = { authorization: `Bearer ${signToken({ sub: 'bob' })}` };
      expect((await visit(other)).status).to.equal(200);
      await redis.kill9();
      await until(async () => (await visit(other)).status >= 500, 'a closed door while Vigil cannot say');
      const before = desk.reached.length;
      await node.kill('SIGKILL');
      expect((await visit(other)).status, 'no Vigil at all').to.be.at.least(500);
      expect(desk.reached).to.have.length(before);
    });
  }
});
