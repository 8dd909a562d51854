import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../../support/node-process.ts';
import type { Mutant } from './mutants.ts';

/** A copy of the built server with the fault in it; throws where a patch does not fit any more. */
export function plant({ name, patches }: Mutant): string {
  const folder = join(PROJECT, '.tmp', 'chaos', 'mutants', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const dist = join(folder, 'dist');
  cpSync(join(PROJECT, 'dist'), dist, { recursive: true });
  for (const { file, find, replace } of patches) {
    const path = join(dist, file);
    const text = readFileSync(path, 'utf8');
    const found = text.split(find).length - 1;
    if (found !== 1) throw new Error(`${name}: what it replaces stands ${found} times in ${file}`);
    writeFileSync(
      path,
      text.replace(find, () => replace),
    );
  }
  return dist;
}
