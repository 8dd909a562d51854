// Bundles the React hook: React is the host's, and the SDK is the vigil.mjs beside it, so that a page has one of each.
import { join } from 'node:path';

/**
 * @param {string} root the project's directory
 * @param {string} outDir where vigil.mjs is, and react.mjs goes
 */
export async function bundleReact(root, outDir) {
  const { build } = await import('esbuild');
  await build({
    entryPoints: [join(root, 'client/react/use-vigil.ts')],
    outfile: join(outDir, 'react.mjs'),
    format: 'esm',
    bundle: true,
    platform: 'browser',
    target: ['es2022'],
    external: ['react'],
    plugins: [besideIt],
    absWorkingDir: root,
    logLevel: 'warning',
  });
}

const besideIt = {
  name: 'the SDK beside it',
  setup(build) {
    build.onResolve({ filter: /\/sdk\/index\.ts$/ }, () => ({ path: './vigil.mjs', external: true }));
  },
};
