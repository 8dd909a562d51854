import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { apiOf } from '../support/api.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { startVigil } from '../support/node-process.ts';
import { temporaryFolder } from '../support/places.ts';
import { signToken } from '../support/tokens.ts';

/** A fault of our own, where no handler stands between it and the process. */
async function started(fault: string, env: Record<string, string> = {}) {
  const path = join(temporaryFolder('fault'), 'fault.mjs');
  writeFileSync(path, `process.on('SIGUSR2', () => { ${fault} });`);
  return startVigil({ NODE_OPTIONS: `--import=${path}`, ...env });
}

describe('what nobody caught', () => {
  const cleanup = cleanupAfterEach();

  for (const [what, fault, said] of [
    ['an exception', `setImmediate(() => { throw new Error('of ours'); })`, 'uncaught exception'],
    ['a rejection', `Promise.reject(new Error('of ours'))`, 'unhandled rejection'],
  ] as const) {
    it(`is written down, and ends the process at once for its supervisor: ${what}`, async () => {
      const node = cleanup.using(await started(fault));
      // With a write of the store under way, which `process.exit` would wait for for ever.
      await apiOf(node.url, signToken()).get('/v1/session');
      node.signal('SIGUSR2');
      expect(await node.exited).to.include({ signal: 'SIGKILL' });
      expect(node.logs.at(-1)).to.deep.include({ level: 60, msg: said });
    });

    it(`ends it with 1 where nothing is stored here: ${what}`, async () => {
      const node = cleanup.using(await started(fault, { VIGIL_DATA_DIR: 'none' }));
      node.signal('SIGUSR2');
      expect(await node.exited).to.include({ code: 1 });
    });

    it(`ends nothing where it is of a connection: ${what}`, async () => {
      const ofAConnection = fault.replace(
        /new Error\('of ours'\)/,
        `Object.assign($&, { code: 'ECONNRESET' })`,
      );
      const node = cleanup.using(await started(ofAConnection));
      node.signal('SIGUSR2');
      await node.waitForLog(
        ({ level, msg }) => level === 50 && msg === `${said}: of a connection`,
        'the line',
      );
      expect((await fetch(new URL('/healthz', node.url))).status).to.equal(200);
    });
  }
});
