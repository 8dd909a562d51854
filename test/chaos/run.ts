import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { findProgram } from '../support/children.ts';
import { PROJECT } from '../support/node-process.ts';
import { createRandom } from '../support/random.ts';
import { pause } from '../support/waiting.ts';
import { judge, type Report } from './checker/judge.ts';
import { formatReport } from './checker/report.ts';
import { Crowd } from './crowd/crowd.ts';
import { Weather } from './faults/weather.ts';
import { Recorder } from './log.ts';
import { howToMakeNetworks } from './stage/network.ts';
import { buildStage, type Profile } from './stage/stage.ts';

/**
 * A chaos run: `npm run chaos -- --profile sentinel|cluster --seed N --minutes M [--agents N] [--timeout S] [--lead S] [--calm S]
 * [--only fault,…]`,
 * or `-- --judge FILE` for a history of before. Exits with 1 where an invariant is violated. Histories stay in .tmp/chaos/.
 */
const ACCOUNTS = Array.from({ length: 12 }, (_, index) => `desk-${index + 1}`);
/** What a policy flaps by, and what is left for the ends that are late. */
const SETTLE_MS = 22_000;
/** How long a run has to be for its lateness to be judged. */
const TELLING_MINUTES = 10;
/** What every run has to judge. */
const ESSENTIAL = [
  'warned-first',
  'never-early',
  'ended-once',
  'end-written',
  'event-delivered',
  'every-session-ends',
];
const INSIDE = 'VIGIL_CHAOS_INSIDE';

const { values } = parseArgs({
  options: {
    profile: { type: 'string', default: 'sentinel' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    minutes: { type: 'string', default: '2' },
    agents: { type: 'string', default: '1000' },
    timeout: { type: 'string', default: '20' },
    lead: { type: 'string', default: '5' },
    calm: { type: 'string', default: '15' },
    only: { type: 'string' },
    judge: { type: 'string' },
  },
});

if (values.judge !== undefined) process.exit((await tell(values.judge, { lateness: true })) ? 0 : 1);
if (process.env[INSIDE] === undefined) process.exit(runInNamespace());
process.exitCode = (await runHere()) ? 0 : 1;
process.exit();

/** The same run again, in a network namespace of its own. */
function runInNamespace(): number {
  const how = howToMakeNetworks();
  if (how === null) {
    console.error(
      'chaos: cannot make networks of its own; it needs iproute2 and nftables, and root or user namespaces',
    );
    return 77;
  }
  const args = [...how, '--fork', '--kill-child', '--', process.execPath, ...process.execArgv];
  const words = [...args, ...process.argv.slice(1), '--seed', values.seed];
  const { status } = spawnSync(findProgram('unshare'), words, {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: '1' },
  });
  return status ?? 1;
}

async function runHere(): Promise<boolean> {
  const profile = values.profile as Profile;
  const [seed, minutes, agents] = [values.seed, values.minutes, values.agents].map(Number) as [
    number,
    number,
    number,
  ];
  const [leadMs, timeoutMs] = [Number(values.lead) * 1_000, Number(values.timeout) * 1_000];
  const folder = join(PROJECT, '.tmp', 'chaos');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${profile}-${seed}.jsonl.gz`);
  const recorder = new Recorder(path);
  const nodes = ['node1', 'node2', 'node3'];
  recorder.write({
    k: 'meta',
    profile,
    seed,
    leadMs,
    timeoutMs,
    nodes,
    epoch: Date.now(),
  });
  const times = { leadMs, timeoutMs };
  const stage = await buildStage({ profile, recorder, accounts: ACCOUNTS, ...times });
  const hostNow = () => Date.now() + (stage.clock?.aheadMs ?? 0);
  const url = () => stage.balancer.url;
  // Apart from the faults, so that these follow from the seed alone, however busy the crowd is.
  const crowd = new Crowd({
    recorder,
    random: createRandom(seed + 1),
    url,
    accounts: ACCOUNTS,
    agents,
    ...times,
    hostNow,
  });
  for (const account of ACCOUNTS) await crowd.setTimeoutOf(account, timeoutMs);
  recorder.onEntry((entry) => {
    if (entry.k === 'fault' || entry.k === 'exit' || entry.k === 'complaint')
      console.log(JSON.stringify(entry));
  });
  await crowd.open();
  // Without any fault, for figures of health.
  await pause(Number(values.calm) * 1_000);
  const weather = new Weather(
    { stage, crowd, recorder, random: createRandom(seed), timeoutMs },
    values.only?.split(','),
  );
  await weather.blow(minutes * 60_000);
  await settle(crowd, timeoutMs + leadMs);
  recorder.write({ k: 'done' });
  crowd.close();
  await stage.close();
  await recorder.close();
  return tell(path, { lateness: minutes >= TELLING_MINUTES });
}

async function tell(path: string, how: { lateness: boolean }): Promise<boolean> {
  const report = await judge(path, how);
  console.log(formatReport(report));
  console.log(`history: ${relative(process.cwd(), path)}`);
  const isTested = hasTested(report);
  if (!isTested) console.log('not every kind of thing was judged, or a fault could not be made');
  return report.violations.length === 0 && isTested;
}

/** A run in which nothing happened violates nothing. */
function hasTested({ judged, history }: Report): boolean {
  const faults = [...history.faults.values()];
  // One now and then cannot be made: there is no replica just now that could take over.
  const failed = faults.filter(({ on }) => on === '?');
  return (
    failed.length * 4 <= faults.length && ESSENTIAL.every((invariant) => (judged.get(invariant) ?? 0) > 0)
  );
}

/** Everything is mended and nobody does anything: all sessions end, and then everything is read. */
async function settle(crowd: Crowd, sessionMs: number): Promise<void> {
  crowd.rest();
  await pause(sessionMs + SETTLE_MS);
  await crowd.readAll();
}
