import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { startChild } from '../support/children.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { PROJECT, startVigil } from '../support/node-process.ts';
import { temporaryFolder } from '../support/places.ts';
import { startBalancer } from '../support/proxies.ts';
import { startRedis } from '../support/redis.ts';
import { openTab, type Tab } from '../support/tab.ts';
import { SECRET, signToken } from '../support/tokens.ts';
import { until } from '../support/waiting.ts';
import { settingsFor } from './nodes.ts';

describe('the files of deploy/', function () {
  this.timeout(60_000);
  const cleanup = cleanupAfterEach();

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
      return gone.length >= 2 && gone;
    }, 'both tabs of the dead node to notice');
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
