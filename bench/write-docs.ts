/** Writes the table of docs/performance.md from what the benches left in bench/results: `npm run bench:docs`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../test/support/node-process.ts';
import type { Figure } from './harness/bench.ts';
import { type Results, readResults, show } from './harness/results.ts';
import { isReached, median, ratioOf } from './harness/rounds.ts';

const FILE = join(PROJECT, 'docs', 'performance.md');
const [BEGIN, END] = ['<!-- bench:begin -->', '<!-- bench:end -->'];

const text = readFileSync(FILE, 'utf8');
const [before, rest] = split(text, BEGIN);
const [, after] = split(rest, END);
writeFileSync(FILE, `${before}${BEGIN}\n${tableOf(readResults())}\n${END}${after}`);

function tableOf(results: Results[]): string {
  const rows = results.flatMap((result) => result.figures.map((figure) => rowOf(result, figure)));
  return [
    '| what | Vigil | compared with | ratio | to reach | | bench, date, load before |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    ...machinesOf(results),
  ].join('\n');
}

function rowOf({ name, at, machine }: Results, figure: Figure): string {
  const { what, unit, vigil, baseline, goal } = figure;
  const cells = [
    what,
    withRange(vigil, unit),
    baseline === undefined ? '–' : `${baseline.what}: ${withRange(baseline.found, unit)}`,
    baseline === undefined ? '–' : `${show(ratioOf(figure)!)}×`,
    goal?.text ?? '–',
    goal === undefined ? '' : isReached({ ...figure, goal }) ? 'reached' : '**not reached**',
    `\`${name}\`, ${at.slice(0, 10)}, ${show(machine.loadBefore)}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The median, and how far the rounds lay apart. */
function withRange(found: number[], unit: string): string {
  const middle = `${show(median(found))} ${unit}`;
  return found.length < 2 ? middle : `${middle} (${show(Math.min(...found))}–${show(Math.max(...found))})`;
}

function machinesOf(results: Results[]): string[] {
  const said = results.map(
    ({ machine: { cpu, cores, memoryGib, kernel, node } }) =>
      `Machine: ${cpu}, ${cores} cores, ${memoryGib} GiB, Linux ${kernel}, Node ${node}.`,
  );
  return [...new Set(said)];
}

function split(whole: string, mark: string): [string, string] {
  const place = whole.indexOf(mark);
  if (place < 0) throw new Error(`docs/performance.md lacks ${mark}`);
  return [whole.slice(0, place), whole.slice(place + mark.length)];
}
