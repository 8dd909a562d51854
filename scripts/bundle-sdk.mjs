// Bundles the browser SDK with socket.io-client inside: vigil.js defines window.Vigil, vigil.mjs is an ES module.
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { PRIVATE_NAMES, slimSocketIo } from './slim-socket-io.mjs';

const BUNDLES = [
  { entry: 'client/sdk/iife.ts', file: 'vigil.js', format: 'iife' },
  { entry: 'client/sdk/index.ts', file: 'vigil.mjs', format: 'esm' },
];
const TARGET = 'es2022';

/**
 * @param {string} root the project's directory
 * @param {string} outDir where the bundles and their source maps go
 * @returns {Promise<string[]>} entries that are not there
 */
export async function bundleSdk(root, outDir) {
  const missing = [];
  for (const { entry, file, format } of BUNDLES) {
    const source = join(root, entry);
    if (await exists(source)) await minify(await bundle(root, source, format), outDir, file);
    else missing.push(entry);
  }
  return missing;
}

async function bundle(root, source, format) {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [source],
    outfile: join(root, 'client/sdk/bundle.js'),
    write: false,
    format,
    bundle: true,
    minify: true,
    sourcemap: 'external',
    platform: 'browser',
    target: [TARGET],
    legalComments: 'none',
    plugins: [slimSocketIo()],
    mangleProps: PRIVATE_NAMES,
    mangleQuoted: true,
    absWorkingDir: root,
    logLevel: 'warning',
  });
  const [map, code] = outputFiles.map(({ text }) => text);
  return { code, map: JSON.parse(map), id: join(root, 'client/sdk/bundle.js') };
}

/** Once more through another minifier: what one leaves, the other finds, and the two make half a kilobyte. */
async function minify({ code, map, id }, outDir, file) {
  const { build } = await import('vite');
  await build({
    configFile: false,
    envDir: false,
    publicDir: false,
    logLevel: 'warn',
    plugins: [
      {
        name: 'bundled',
        enforce: 'pre',
        resolveId: (source) => (source === id ? id : null),
        load: (source) => (source === id ? { code, map } : null),
      },
    ],
    build: {
      outDir,
      emptyOutDir: false,
      minify: 'oxc',
      sourcemap: true,
      target: TARGET,
      modulePreload: false,
      rolldownOptions: {
        input: id,
        preserveEntrySignatures: 'strict',
        // As it comes: what is to be a script is wrapped already.
        output: { format: 'es', entryFileNames: file },
      },
    },
  });
}

async function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  );
}
