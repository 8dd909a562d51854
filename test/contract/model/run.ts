/**
 * Many random histories of the memory engine, from the command line:
 *
 *   npm run test:model -- --runs 1000000 [--seed N] [--path P]
 *
 * or by `VIGIL_MODEL_RUNS`, `VIGIL_MODEL_SEED` and `VIGIL_MODEL_PATH`, as in the ordinary run.
 * In batches, so that memory stays flat and a failure names a batch that is quick to replay.
 */
import { parseArgs } from 'node:util';
import { openRemembering } from '../../support/memory-engine.ts';
import { checkHistories } from './model.ts';

const BATCH = 10_000;

const { values } = parseArgs({
  options: {
    runs: { type: 'string' },
    seed: { type: 'string' },
    path: { type: 'string' },
  },
});
const { VIGIL_MODEL_RUNS, VIGIL_MODEL_SEED, VIGIL_MODEL_PATH } = process.env;
const runs = wholeNumber('--runs', values.runs ?? VIGIL_MODEL_RUNS ?? '1000000');
const firstSeed = wholeNumber('--seed', values.seed ?? VIGIL_MODEL_SEED ?? String(Date.now() % 2 ** 31));
const path = values.path ?? VIGIL_MODEL_PATH;
const started = performance.now();

for (let done = 0, seed = firstSeed; done < runs; seed += 1) {
  const batch = Math.min(BATCH, runs - done);
  await checkHistories(openRemembering, true, { runs: batch, seed, path });
  done += batch;
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  console.log(`${done} of ${runs} histories keep every rule (seeds ${firstSeed} to ${seed}, ${seconds} s)`);
  if (path !== undefined) break;
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`${name} ${text} is no whole number`);
  return value;
}
