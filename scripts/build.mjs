// Builds dist/: the server and the demo desk by tsc, what tsc copies not, the browser SDK, the dashboard.
// `--if-stale`: only where dist/ is missing or older than what it is made from.
//
// It is built beside dist/ and put in its place by a rename, one build at a time: whoever starts meanwhile
// finds the old one or the new one, never half of one.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { acquireBuildLock } from './build-lock.mjs';
import { bundleReact } from './bundle-react.mjs';
import { bundleSdk } from './bundle-sdk.mjs';
import { publishImports } from './emit-types.mjs';

/** What whoever builds should read, without a stack. */
class BuildFailed extends Error {}

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const stamp = join(dist, '.built');
const work = join(root, '.tmp');
const SOURCES = [
  'shared',
  'server',
  'client',
  'host',
  'cli',
  'demo',
  'scripts',
  'package.json',
  'tsconfig.base.json',
  'tsconfig.json',
  'tsconfig.types.json',
];

const ifStale = process.argv.includes('--if-stale');

if (await isWanted()) {
  const release = await acquireBuildLock(work);
  try {
    // Another start may have built it while this one waited.
    if (await isWanted()) await build();
  } catch (error) {
    console.error(error instanceof BuildFailed ? `build: ${error.message}` : error);
    process.exitCode = 1;
  } finally {
    await release();
  }
}

async function isWanted() {
  if (!ifStale) return true;
  // Where only what runs is installed, as in an image, what was built elsewhere is taken as it is.
  if (existsSync(join(dist, 'server', 'main.js')) && !existsSync(join(root, 'node_modules', 'typescript')))
    return false;
  return isStale();
}

async function isStale() {
  const built = await mtime(stamp);
  if (built === undefined) return true;
  return (await newest(SOURCES.map((source) => join(root, source)))) > built;
}

async function mtime(path) {
  return stat(path).then(
    (found) => found.mtimeMs,
    () => undefined,
  );
}

/** The newest change below these paths; a directory changes when something in it comes or goes. */
async function newest(paths) {
  let latest = 0;
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) continue;
    latest = Math.max(latest, found.mtimeMs);
    if (!found.isDirectory()) continue;
    const inside = (await readdir(path))
      .filter((name) => name !== 'node_modules')
      .map((name) => join(path, name));
    latest = Math.max(latest, await newest(inside));
  }
  return latest;
}

async function build() {
  const startedAt = new Date();
  await clearRemains();
  const out = join(work, `dist-${process.pid}`);
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  try {
    compile(out);
    await declare(out);
    await copy('server', out, (file) => extname(file) === '.lua');
    await copy('demo/public', out, () => true);
    await bundle(out);
    await buildDashboard(out);
    // Dated by its start: what was changed while it was built counts as newer.
    await writeFile(join(out, '.built'), '');
    await utimes(join(out, '.built'), startedAt, startedAt);
    await putInPlace(out);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

/** What a build that was cut off left behind; this is the only one now. */
async function clearRemains() {
  for (const name of await readdir(work)) {
    if (/^(dist|old)-\d+$/.test(name)) await rm(join(work, name), { recursive: true, force: true });
  }
}

function compile(out) {
  run('typescript', 'tsc', ['-p', join(root, 'tsconfig.json'), '--outDir', out]);
}

async function declare(out) {
  const types = join(out, 'types');
  run('typescript', 'tsc', ['-p', join(root, 'tsconfig.types.json'), '--outDir', types]);
  await publishImports(types);
}

async function bundle(out) {
  for (const entry of await bundleSdk(root, join(out, 'client'))) {
    console.warn(`build: ${entry} is not there yet, so the browser SDK lacks its bundle`);
  }
  await bundleReact(root, join(out, 'client'));
}

async function buildDashboard(out) {
  const dashboard = join(root, 'client', 'dashboard');
  if (!existsSync(join(dashboard, 'index.html'))) return;
  const { build: vite } = await import('vite');
  await vite({
    root: dashboard,
    base: './',
    mode: 'production',
    logLevel: 'warn',
    build: { outDir: join(out, 'client', 'dashboard'), emptyOutDir: true, sourcemap: true },
  });
}

async function copy(folder, out, wanted) {
  const from = join(root, folder);
  if (!existsSync(from)) return;
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !wanted(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    await cp(file, join(out, file.slice(root.length + 1)));
  }
}

async function putInPlace(out) {
  const old = join(work, `old-${process.pid}`);
  await rm(old, { recursive: true, force: true });
  if (existsSync(dist)) await rename(dist, old);
  await rename(out, dist);
  await rm(old, { recursive: true, force: true });
}

/** Runs a command of a development dependency. */
function run(name, command, args) {
  const script = binOf(name, command);
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });
  if (status === 0) return;
  throw new BuildFailed(`${command} failed`);
}

function binOf(name, command) {
  const require = createRequire(import.meta.url);
  try {
    const manifest = require.resolve(`${name}/package.json`);
    const { bin } = require(manifest);
    return join(dirname(manifest), typeof bin === 'string' ? bin : bin[command]);
  } catch (cause) {
    throw new BuildFailed(`${name} is not installed; building needs the development dependencies (npm ci)`, {
      cause,
    });
  }
}
