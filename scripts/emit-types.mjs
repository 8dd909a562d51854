// What tsc declares of the package's entries names its imports as the sources do (`.ts`), which not every TypeScript
// resolves in a declaration: here they are named as what is published.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const SOURCE_IMPORT = /((?:from|import\()\s*['"]\.{1,2}\/[^'"]*)\.ts(?=['"])/g;

/** @param {string} dir the folder with the declarations */
export async function publishImports(dir) {
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.d.ts')) continue;
    const file = join(entry.parentPath, entry.name);
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(SOURCE_IMPORT, '$1.js'));
  }
}
