// Runs the whole suite and ends with its totals as one line. Most of a test's time is waiting, so files run beside each
// other; what breaks whole clusters, or measures to the millisecond, runs after that and alone.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const mocha = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');

const ALONE = ['test/{cluster,chaos}/**/*.test.ts', 'test/process/{abuse,restart,timing}.test.*'];
const PHASES = [
  [
    'test/**/*.test.{ts,tsx}',
    ...ALONE.flatMap((pattern) => ['--ignore', pattern]),
    // The first to wait is the browser, so one more than there are cores.
    ...['--parallel', '--jobs', String(availableParallelism() + 1)],
  ],
  ALONE,
];

let passed = 0;
let failed = 0;
let status = 0;
/** What mocha says of failures, once more at the end: nobody should have to look for it above the next phase. */
const failures = [];
for (const args of PHASES) {
  const phase = await run(args);
  passed += phase.passed;
  failed += phase.failed;
  status ||= phase.status;
}
for (const line of failures) console.log(line);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = status || (failed > 0 ? 1 : 0);

/** One mocha; a run that ends without its totals has failed. */
async function run(args) {
  const child = spawn(process.execPath, [mocha, '--forbid-only', '--forbid-pending', ...args], {
    cwd: root,
    env: process.stdout.isTTY ? { FORCE_COLOR: '1', ...process.env } : process.env,
    stdio: ['inherit', 'pipe', 'inherit'],
  });
  let totals;
  let isFailing = false;
  for await (const line of createInterface({ input: child.stdout })) {
    const found = /^(\d+) passed, (\d+) failed$/.exec(line);
    isFailing ||= /^\s*\d+ failing\b/.test(line);
    if (found !== null) {
      totals = { passed: Number(found[1]), failed: Number(found[2]) };
      continue;
    }
    console.log(line);
    if (isFailing) failures.push(line);
  }
  const code = child.exitCode ?? (await new Promise((resolve) => child.once('close', resolve))) ?? 1;
  return { status: code, ...(totals ?? { passed: 0, failed: 1 }) };
}
