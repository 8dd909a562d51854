import type { Engine, SessionEnd } from '../../../server/engine/engine.ts';
import { byId, everybody, type Follower } from '../engine/follower.ts';
import { MODEL_LEAD } from './history.ts';
import type { Judge } from './judge.ts';
import type { Person, Reference } from './reference.ts';
import { must, same } from './rules.ts';

/** Holds what the engine says of everybody against the reference, after every step. */
export async function checkEverybody(engine: Engine, reference: Reference): Promise<void> {
  must(engine.now() === reference.now, 'engine time is as it must be', () => [engine.now(), reference.now]);
  const logins = reference.people.flatMap((person) => person.sids.map((sid) => ({ person, sid })));
  const answers = await engine.sessions(
    logins.map(({ person: { account, agent }, sid }) => ({ account, agent, sid })),
  );
  for (const [index, { person, sid }] of logins.entries()) {
    const seen = answers[index];
    const facts = () => ({ sid, seen, person: describe(person, reference) });
    must(seen !== null && seen !== undefined, 'a sid is never forgotten', facts);
    if (seen.state === 'ended') checkEnd(person, sid, seen);
    else checkSession(person, sid, seen, reference, facts);
  }
  for (const person of reference.people) await checkAgent(engine, person, reference);
}

function checkEnd(person: Person, sid: string, seen: SessionEnd): void {
  const end = person.dead.get(sid);
  must(end !== undefined, 'ended only where that was told', () => ({ sid, seen }));
  if (end === null) person.dead.set(sid, seen);
  else must(same(seen, end), 'an end stays as it was', () => ({ sid, seen, end }));
}

type Live = Exclude<Awaited<ReturnType<Engine['sessions']>>[number], SessionEnd | null>;

function checkSession(
  person: Person,
  sid: string,
  seen: Live,
  reference: Reference,
  facts: () => unknown,
): void {
  must(person.live.has(sid), 'an ended sid stays dead', facts);
  must(
    seen.lastActivityAt === person.lastActivityAt,
    'the last activity is the latest input or login',
    facts,
  );
  must(seen.lastActivityAt <= reference.now, 'the last activity is never in the future', facts);
  must(seen.timeoutMs === reference.timeoutMs(person.account), 'the policy is in force at once', facts);
  must(seen.leadMs === MODEL_LEAD, 'the lead is as configured', facts);
  must(
    seen.deadlineAt === reference.deadlineAt(person),
    'the deadline follows from the last activity',
    facts,
  );
  must(seen.endsAt === reference.endsAt(person), 'the end follows from deadline and warning', facts);
  must(seen.warnAt === reference.warnAt(person), 'the warning follows from the deadline', facts);
  must(seen.state === (person.warnedAt === null ? 'active' : 'warning'), 'the state is what was told', facts);
  must(seen.available === person.shownAvailable, 'availability is what was told', facts);
  must(seen.rev >= person.rev, 'rev never falls', facts);
  person.rev = seen.rev;
}

async function checkAgent(engine: Engine, person: Person, reference: Reference): Promise<void> {
  const found = await engine.agent(person.account, person.agent);
  const facts = () => ({ found, person: describe(person, reference) });
  must((found !== null) === person.seen, 'an agent is known from the first session on', facts);
  if (found === null) return;
  must(found.sessions === person.live.size, 'an agent has the sessions that are alive', facts);
  must(
    (found.signedOutAt === null) === person.live.size > 0,
    'signed out when the last session ended',
    facts,
  );
  must(found.lastActivityAt === person.lastActivityAt, 'presence shows the last activity', facts);
  must(found.available === person.shownAvailable, 'presence shows availability', facts);
  must(found.tabs === person.tabs.size, 'presence shows the tabs', facts);
  must(found.visibleTabs === person.visibleTabs, 'presence shows the visible tabs', facts);
  if (person.live.size > 0) must(found.warnedAt === person.warnedAt, 'presence shows the warning', facts);
}

/** After a sweep that left no work: everybody is where the rules put them. */
export function checkSettled(reference: Reference, dueAt: number): void {
  const { now, gapAt } = reference;
  must(dueAt <= reference.nextDueAt(), 'the sweep comes again in time', () => [dueAt, reference.nextDueAt()]);
  for (const person of reference.people) {
    if (person.live.size === 0) continue;
    const facts = () => describe(person, reference);
    const due = reference.warnAt(person) <= now;
    must(
      due === (person.warnedAt !== null),
      due ? 'warned as soon as it is due' : 'resumed by the next sweep',
      facts,
    );
    if (person.warnedAt === null) continue;
    must(person.warnedAt >= gapAt, 'the lead is counted anew after a gap', facts);
    must(reference.endsAt(person) > now, 'ended as soon as it is due', facts);
  }
}

/** Who follows the feed knows exactly what is. */
export async function checkFeed(engine: Engine, account: string, follower: Follower): Promise<void> {
  await follower.look(engine);
  const all = (await everybody(engine, account)).toSorted(byId);
  must(same(follower.records(), all), 'the feed tells of every change', () => [follower.records(), all]);
}

/** The audit log holds what was told, no more and no less. */
export async function checkAudit(engine: Engine, account: string, judge: Judge): Promise<void> {
  const written = await engine.events(account, { limit: 10_000 });
  const told = (judge.told.get(account) ?? []).toReversed();
  must(same(written, told), 'the audit log holds what was told', () => [written.length, told.length]);
}

function describe(person: Person, reference: Reference) {
  const { account, agent, lastActivityAt, warnedAt } = person;
  const { now, gapAt } = reference;
  return {
    account,
    agent,
    now,
    gapAt,
    lastActivityAt,
    warnedAt,
    endsAt: reference.endsAt(person),
    live: [...person.live.keys()],
  };
}
