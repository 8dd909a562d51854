// Bundles the browser SDK with socket.io-client inside: vigil.js defines window.Vigil, vigil.mjs is an ES module.
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { PRIVATE_NAMES, slimSocketIo } from './slim-socket-io.mjs';

const BUNDLES = [
  { entry: 'client/sdk/iife.ts', file: 'vigil.js', format: 'iife' },
  { entry: 'client/sdk/index.ts', file: 'vigil.mjs', format: 'esm' },
];

/**
 * @param {string} root the project's directory
 * @param {string} outDir where the bundles and their source maps go
 * @returns {Promise<string[]>} entries that are not there
 */
export async function bundleSdk(root, outDir) {
  const missing = [];
  for (const { entry, file, format } of BUNDLES) {
    const source = join(root, entry);
    if (!(await exists(source))) {
      missing.push(entry);
      continue;
    }
    const { build } = await import('esbuild');
    await build({
      entryPoints: [source],
      outfile: join(outDir, file),
      format,
      bundle: true,
      minify: true,
      sourcemap: 'linked',
      platform: 'browser',
      target: ['es2022'],
      legalComments: 'none',
      plugins: [slimSocketIo()],
      mangleProps: PRIVATE_NAMES,
      mangleQuoted: true,
      absWorkingDir: root,
      logLevel: 'warning',
    });
  }
  return missing;
}

async function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  );
}
