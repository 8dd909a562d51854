import { expect } from 'chai';
import { startChild } from '../support/children.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { PROJECT } from '../support/node-process.ts';
import { temporaryFolder } from '../support/places.ts';
import { canConnect } from '../support/proxies.ts';
import { until } from '../support/waiting.ts';

describe('npm start', function () {
  this.timeout(60_000);
  const cleanup = cleanupAfterEach();

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`runs one node, which leaves in order when npm gets ${signal}`, async () => {
      const { PATH = '', HOME = '' } = process.env;
      const data = temporaryFolder('npm-start');
      const npm = startChild('npm', ['start'], {
        cwd: PROJECT,
        env: { PATH, HOME, PORT: '0', VIGIL_DATA_DIR: data, npm_config_update_notifier: 'false' },
      });
      cleanup.defer(() => npm.kill());
      const ready = await npm.waitForLine(readyLine, 'the line that says it is ready', 50_000);
      cleanup.defer(() => stopIfAlive(ready.pid));
      const page = await fetch(`http://127.0.0.1:${ready.port}/login`);
      expect(page.status, 'the demo desk, where nothing else is set').to.equal(200);

      npm.signal(signal);
      await npm.waitForLine(
        (line) => line.includes('"left"') || undefined,
        'the node, leaving in order',
        10_000,
      );
      await npm.exited;
      await until(async () => !(await canConnect(ready.port)), 'the end of the node');
    });
  }
});

function readyLine(line: string): { port: number; pid: number } | undefined {
  if (!line.startsWith('{')) return undefined;
  const { port, pid } = JSON.parse(line) as { port?: number; pid?: number };
  return port === undefined || pid === undefined ? undefined : { port, pid };
}

function stopIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has left, as it should.
  }
}
