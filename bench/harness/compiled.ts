import { join } from 'node:path';
import { build } from 'esbuild';
import { PROJECT } from '../../test/support/node-process.ts';

const FOLDER = join(PROJECT, 'node_modules', '.cache', 'vigil-bench');

/** A program of bench/ as plain JavaScript: a loader of TypeScript would be measured as well. */
export async function compiled(program: string): Promise<string> {
  const outfile = join(FOLDER, program.replaceAll('/', '-').replace(/\.ts$/, '.mjs'));
  await build({
    entryPoints: [join(PROJECT, 'bench', program)],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
  });
  return outfile;
}
