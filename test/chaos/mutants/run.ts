import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PROJECT } from '../../support/node-process.ts';
import type { Report } from '../checker/judge.ts';
import { formatReport } from '../checker/report.ts';
import { DRILLS, type DrillKind, DrillTooSlow, runDrill } from './drill.ts';
import { MUTANTS, type Mutant } from './mutants.ts';
import { plant } from './plant.ts';

/**
 * Whether the checker catches what it should: `npm run chaos:mutants [-- --only name,… --beside N]`. Faults are planted
 * in copies of the built server; each has to be caught, and the server as it is has to come through clean.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    beside: { type: 'string', default: '4' },
    verbose: { type: 'boolean' },
  },
});

const ATTEMPTS = 4;

interface Outcome {
  name: string;
  fine: boolean;
  text: string;
}

const wanted = values.only?.split(',');
const isWanted = (name: string) => wanted === undefined || wanted.includes(name);
const controls = DRILLS.filter((kind) => isWanted(`control-${kind}`)).map((kind) => () => control(kind));
const mutants = MUTANTS.filter(({ name }) => isWanted(name)).map((mutant) => () => expose(mutant));
const outcomes = await beside(Number(values.beside), [...controls, ...mutants]);
console.log('| mutant | what is wrong with it | caught by |\n| --- | --- | --- |');
for (const { text } of outcomes) console.log(text);
const missed = outcomes.filter(({ fine }) => !fine);
console.log(
  missed.length === 0
    ? 'all caught, and the server itself is clean'
    : `NOT AS IT SHOULD BE: ${missed.map(({ name }) => name).join(', ')}`,
);
process.exit(missed.length === 0 ? 0 : 1);

async function control(kind: DrillKind): Promise<Outcome> {
  const report = await drill(`control-${kind}`, kind, join(PROJECT, 'dist'));
  const fine = report.violations.length === 0;
  if (!fine || values.verbose) console.error(formatReport(report));
  return {
    name: `control-${kind}`,
    fine,
    text: `| none (${kind}) | | ${fine ? 'nothing is violated' : 'VIOLATED'} |`,
  };
}

async function expose(mutant: Mutant): Promise<Outcome> {
  const report = await drill(mutant.name, mutant.drill, plant(mutant));
  if (values.verbose) console.error(formatReport(report));
  const violated = new Map<string, number>();
  for (const { invariant } of report.violations) violated.set(invariant, (violated.get(invariant) ?? 0) + 1);
  const fine = mutant.caughtBy.some((invariant) => violated.has(invariant));
  const found = [...violated].map(([invariant, count]) => `${invariant} ${count}`).join(', ');
  return {
    name: mutant.name,
    fine,
    text: `| ${mutant.name} | ${mutant.wrong} | ${fine ? '' : 'NOT CAUGHT: '}${found} |`,
  };
}

/** Again where the machine was too slow for it to say anything. */
async function drill(...how: Parameters<typeof runDrill>): Promise<Report> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runDrill(...how);
    } catch (error) {
      if (!(error instanceof DrillTooSlow) || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Runs tasks, so many at a time; answers in their order. */
async function beside<T>(most: number, tasks: (() => Promise<T>)[]): Promise<T[]> {
  const answers: T[] = [];
  const waiting = [...tasks.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      answers[next[0]] = await next[1]();
  };
  await Promise.all(Array.from({ length: most }, work));
  return answers;
}
