/**
 * `npm run bench -- NAME …`, `-- --list`, `-- all`. Options: `--rounds N` (default 5), `--scale 0.1` for a short run with
 * fewer of everything, `--json` for the results on stdout. A whole run is written to bench/results/NAME.json, from which
 * `npm run bench:docs` writes the table of docs/performance.md.
 */
import { parseArgs } from 'node:util';
import type { Bench } from './harness/bench.ts';
import { loadBench, namesOfBenches } from './harness/list.ts';
import { describeMachine } from './harness/machine.ts';
import { describe, type Results, writeResults } from './harness/results.ts';

const ROUNDS = 5;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: 'boolean' },
    rounds: { type: 'string', default: String(ROUNDS) },
    scale: { type: 'string', default: '1' },
    json: { type: 'boolean' },
  },
});
const rounds = Number(values.rounds);
const scale = Number(values.scale);
const known = namesOfBenches();
const names = positionals.includes('all') ? known : positionals;
const unknown = names.filter((name) => !known.includes(name));

if (values.list || names.length === 0 || unknown.length > 0) {
  if (unknown.length > 0) console.error(`There is no bench ${unknown.join(', ')}. There are:`);
  for (const name of known) console.log(`${name.padEnd(24)} ${(await loadBench(name)).what}`);
  process.exit(unknown.length > 0 ? 1 : 0);
}

let failed = 0;
for (const name of names) {
  try {
    await measure(name, await loadBench(name));
  } catch (error) {
    failed += 1;
    console.error(`${name} failed:`, error);
  }
}
process.exit(failed === 0 ? 0 : 1);

async function measure(name: string, bench: Bench): Promise<void> {
  const machine = describeMachine();
  const start = performance.now();
  console.error(`${name}: ${bench.what}`);
  const figures = await bench.run({
    rounds,
    scaled: (count) => Math.max(1, Math.round(count * scale)),
    say: (text) => console.error(`  ${text}`),
  });
  const seconds = Math.round((performance.now() - start) / 1_000);
  const at = new Date().toISOString().slice(0, 16);
  const results: Results = { name, what: bench.what, at, machine, rounds, seconds, figures };
  console.error(describe(results));
  if (values.json) console.log(JSON.stringify(results));
  // What was measured in a hurry is no figure to keep.
  if (scale === 1 && rounds >= ROUNDS) writeResults(results);
}
