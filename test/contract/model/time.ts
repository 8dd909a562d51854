import { ACCOUNTS, type Action, MODEL_MIN_TIMEOUT } from './history.ts';
import { SWEEP } from './judge.ts';
import { policy, type as typeIn } from './people.ts';
import { must } from './rules.ts';
import type { Stage } from './stage.ts';

/** How time goes by in a history. */

const MAX_SLEEP_MS = 1_000;

type Of<T extends Action['do']> = Extract<Action, { do: T }>;

/** As the sweeper does it: sleeps until the next due moment, at most a second. */
export async function pass(stage: Stage, ms: number): Promise<void> {
  const { clock } = stage.harness;
  const until = clock.now() + ms;
  for (;;) {
    const dueAt = await stage.sweepUp();
    const left = until - clock.now();
    if (left <= 0) return;
    clock.advance(Math.min(MAX_SLEEP_MS, left, Math.max(1, dueAt - clock.now())));
  }
}

export async function passTo(stage: Stage, { who, moment, offMs }: Of<'pass-to'>): Promise<void> {
  const person = stage.who({ who });
  if (person.live.size === 0) return;
  const target = moment === 'warning' ? stage.reference.warnAt(person) : stage.reference.endsAt(person);
  const ms = target + offMs - stage.harness.clock.now();
  if (ms <= 0) return;
  // Nobody needs to watch a quiet hour second by second.
  const quiet = Math.max(0, ms - 2 * MODEL_MIN_TIMEOUT);
  if (quiet > 0) stage.harness.clock.advance(quiet);
  await pass(stage, ms - quiet);
}

export async function stall(stage: Stage, { ms, inputs, inputFirst }: Of<'stall'>): Promise<void> {
  stage.harness.clock.advance(ms);
  if (inputFirst) await typeIn(stage, inputs);
  await stage.sweepUp();
  if (!inputFirst) await typeIn(stage, inputs);
}

/** The sweeper looks at least each second: what it saw last is at hand when the clock is set. */
export async function step(stage: Stage, ms: number): Promise<void> {
  await stage.sweepUp();
  stage.harness.clock.step(ms);
  await stage.sweepUp();
}

export async function sweepTogether(stage: Stage, times: number): Promise<void> {
  stage.reference.beginSweep(stage.harness.clock.now());
  await stage.listen(SWEEP, () => Promise.all(Array.from({ length: times }, () => stage.engine.sweep())));
  await stage.sweepUp();
}

export async function restart(stage: Stage, { downMs, stepMs }: Of<'restart'>): Promise<void> {
  const { harness, reference } = stage;
  harness.clock.step(stepMs);
  await harness.reopen(downMs);
  reference.restart(harness.clock.now(), stage.engine.now());
  for (const person of reference.people) {
    const found = await stage.engine.agent(person.account, person.agent);
    const { sweptActivityAt, lastActivityAt } = person;
    if (found === null) continue;
    const facts = () => ({ found, sweptActivityAt, lastActivityAt });
    must(found.lastActivityAt >= sweptActivityAt, 'activity is at most one sweep behind', facts);
    must(found.lastActivityAt <= lastActivityAt, 'a restart is no activity', facts);
    person.lastActivityAt = found.lastActivityAt;
  }
}

/** A policy shortened by mistake and restored within the lead ends nobody who was not warned before. */
export async function mistake(stage: Stage, { account: index, forMs }: Of<'mistake'>): Promise<void> {
  const account = ACCOUNTS[index]!;
  await pass(stage, 0);
  const seconds = stage.reference.timeoutSeconds.get(account)!;
  const safe = stage.reference.people.filter(
    (person) => person.account === account && person.live.size > 0 && person.warnedAt === null,
  );
  const spared = safe.filter((person) => stage.reference.warnAt(person) > stage.now + forMs);
  await policy(stage, { do: 'policy', account: index, seconds: MODEL_MIN_TIMEOUT / 1_000 });
  await pass(stage, forMs);
  await policy(stage, { do: 'policy', account: index, seconds });
  await pass(stage, 0);
  for (const person of spared) {
    const fine = person.live.size > 0 && person.warnedAt === null;
    must(fine, 'a mistake taken back in time ends and warns nobody', () => person.agent);
  }
}
