import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../../support/node-process.ts';
import type { Mutant, Patch } from './mutants.ts';

/** A copy of the built server with the fault in it; throws where a patch does not fit any more. */
export function plant({ name, patches }: Mutant): string {
  const folder = join(PROJECT, '.tmp', 'chaos', 'mutants', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const dist = join(folder, 'dist');
  cpSync(join(PROJECT, 'dist'), dist, { recursive: true });
  for (const patch of patches) {
    const found = countIn(dist, patch);
    if (found !== 1) throw new Error(`${name}: what it replaces stands ${found} times in ${patch.file}`);
    const path = join(dist, patch.file);
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace(patch.find, () => patch.replace),
    );
  }
  return dist;
}

/** How often what a patch replaces stands in a built server. */
export function countIn(dist: string, { file, find }: Patch): number {
  return readFileSync(join(dist, file), 'utf8').split(find).length - 1;
}
