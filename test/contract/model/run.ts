/**
 * Many random histories of the memory engine, from the command line:
 *
 *   npm run test:model -- --runs 1000000 [--seed N] [--path P]
 *
 * In batches, so that memory stays flat and a failure names a batch that is quick to replay.
 */
import { parseArgs } from 'node:util';
import { openRemembering } from '../../support/memory-engine.ts';
import { checkHistories } from './model.ts';

const BATCH = 10_000;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000000' },
    seed: { type: 'string' },
    path: { type: 'string' },
  },
});
const runs = wholeNumber('--runs', values.runs);
const firstSeed = values.seed === undefined ? Date.now() % 2 ** 31 : wholeNumber('--seed', values.seed);
const started = performance.now();

for (let done = 0, seed = firstSeed; done < runs; seed += 1) {
  const batch = Math.min(BATCH, runs - done);
  await checkHistories(openRemembering, true, { runs: batch, seed, path: values.path });
  done += batch;
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  console.log(`${done} of ${runs} histories keep every rule (seeds ${firstSeed} to ${seed}, ${seconds} s)`);
  if (values.path !== undefined) break;
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`${name} ${text} is no whole number`);
  return value;
}
