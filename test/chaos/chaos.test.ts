import { spawn } from 'node:child_process';
import { expect } from 'chai';
import { PROJECT } from '../support/node-process.ts';

/** Another one for who looks for something: what it chooses differs, what has to hold does not. */
const SEED = process.env.VIGIL_CHAOS_SEED ?? '20261126';

describe('two minutes of chaos', function () {
  this.timeout(300_000);

  it('violate nothing, on Sentinel and on a Cluster', async () => {
    const runs = await Promise.all([run('sentinel'), run('cluster')]);
    for (const { status, output } of runs) expect(status, output).to.equal(0);
  });
});

function run(profile: string): Promise<{ status: number | null; output: string }> {
  const size = ['--agents', '100', '--timeout', '10', '--lead', '3', '--calm', '5', '--minutes', '1'];
  const words = ['--import', 'tsx', 'test/chaos/run.ts', '--profile', profile, '--seed', SEED, ...size];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, words, { cwd: PROJECT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, output }));
  });
}
