import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../../test/support/node-process.ts';
import type { Figure } from './bench.ts';
import type { Machine } from './machine.ts';
import { isReached, median, ratioOf } from './rounds.ts';

export interface Results {
  name: string;
  what: string;
  /** When, in UTC, to the minute. */
  at: string;
  machine: Machine;
  rounds: number;
  seconds: number;
  figures: Figure[];
}

const FOLDER = join(PROJECT, 'bench', 'results');

export function writeResults(results: Results): void {
  mkdirSync(FOLDER, { recursive: true });
  // A line for each figure: what differs between two runs is seen.
  const { figures, ...rest } = results;
  const lines = figures.map((figure) => `    ${JSON.stringify(rounded(figure))}`);
  const head = JSON.stringify(rest, null, 2).slice(0, -2);
  writeFileSync(
    join(FOLDER, `${results.name}.json`),
    `${head},\n  "figures": [\n${lines.join(',\n')}\n  ]\n}\n`,
  );
}

export function readResults(): Results[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')));
}

/** For whoever waits in front of the terminal. */
export function describe({ figures, seconds }: Results): string {
  const lines = figures.map((figure) => `  ${figure.what}: ${sentenceOf(figure)}`);
  return [...lines, `  (${seconds} s)`].join('\n');
}

function sentenceOf(figure: Figure): string {
  const { unit, vigil, baseline, goal } = figure;
  const parts = [`${show(median(vigil))} ${unit} [${vigil.map(show).join(' ')}]`];
  if (baseline !== undefined) {
    const { what, found } = baseline;
    parts.push(`${what} ${show(median(found))} ${unit} [${found.map(show).join(' ')}]`);
    parts.push(`${show(ratioOf(figure)!)}×`);
  }
  if (goal !== undefined)
    parts.push(`${goal.text}: ${isReached({ ...figure, goal }) ? 'reached' : 'not reached'}`);
  return parts.join(', ');
}

/** Three digits that mean something. */
export function show(value: number): string {
  if (Math.abs(value) >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

function rounded(figure: Figure): Figure {
  const round = (values: number[]) => values.map((value) => Number(value.toPrecision(4)));
  const { vigil, baseline, ...rest } = figure;
  return {
    ...rest,
    vigil: round(vigil),
    ...(baseline === undefined ? {} : { baseline: { ...baseline, found: round(baseline.found) } }),
  };
}
