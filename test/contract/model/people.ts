import type { EventType } from '../../../shared/events.ts';
import { openTabOf } from '../../support/engine-tab.ts';
import { ACCOUNTS, type Action, type Input } from './history.ts';
import { must } from './rules.ts';
import type { Stage } from './stage.ts';

/** What people, tabs and managers do in a history, and what the engine must answer. */

const REMEMBER_ME = { agent: true, requester: true };
const AVAILABILITY: readonly EventType[] = ['agent.available', 'agent.unavailable'];
const RATE = 10;

type Of<T extends Action['do']> = Extract<Action, { do: T }>;

export async function login(stage: Stage, { who, agoMs, autoAssign }: Of<'login'>): Promise<void> {
  const person = stage.who({ who });
  stage.readClock();
  const { account, agent } = person;
  const [loginAt, issuedAt, sid] = [stage.now - agoMs, stage.now, `${agent}-${person.sids.length}`];
  const late = loginAt + stage.reference.timeoutMs(account) <= stage.now;
  person.sids.push(sid);
  if (late) person.dead.set(sid, null);
  else {
    person.seen = true;
    person.live.set(sid, { loginAt, issuedAt, autoAssign });
    person.begin(loginAt, stage.now);
    person.hearToken(issuedAt, autoAssign);
  }
  const types: EventType[] = late ? [] : ['session.started', 'session.resumed'];
  const admission = await stage.call(person, types, () =>
    stage.engine.admit({ account, agent, sid, loginAt, issuedAt, name: agent, permissions: [], autoAssign }),
  );
  must(
    admission.ok === !late,
    'a login a whole timeout back begins nothing, any other one does',
    () => admission,
  );
  if (!late) {
    const { agent: startedBy, session } = stage.judge.lastOf(account, 'session.started') ?? {};
    must(startedBy === agent && session === sid, 'a beginning is told', () => sid);
  }
}

export async function present(
  stage: Stage,
  { who, which, refreshed, autoAssign }: Of<'present'>,
): Promise<void> {
  const person = stage.who({ who });
  const sid = stage.sid({ who, which });
  if (sid === undefined) return;
  stage.readClock();
  const { account, agent } = person;
  const known = person.live.get(sid);
  const claims =
    refreshed || known === undefined ? { loginAt: stage.now, issuedAt: stage.now, autoAssign } : known;
  if (known !== undefined) person.hearToken(claims.issuedAt, claims.autoAssign);
  const admission = await stage.call(person, [], () =>
    stage.engine.admit({ account, agent, sid, name: agent, permissions: [], ...claims }),
  );
  must(
    admission.ok === (known !== undefined),
    'a sid is admitted while it lives, and never again',
    () => admission,
  );
}

export async function impersonate(stage: Stage, { who, which }: Of<'impersonate'>): Promise<void> {
  const sid = stage.sid({ who, which });
  if (sid === undefined) return;
  const { account } = stage.who({ who });
  const thief = stage.reference.people.find(
    (person) => person.account === account && person !== stage.who({ who }),
  )!;
  const { agent } = thief;
  const ref = { account, agent, sid };
  const login = {
    ...ref,
    loginAt: stage.now,
    issuedAt: stage.now,
    name: agent,
    permissions: [],
    autoAssign: true,
  };
  for (const tab of [undefined, 'thief']) {
    const admission = await stage.call(thief, [], () => stage.engine.admit(login, tab));
    must(!admission.ok, 'a sid stays with the agent it was first seen with', () => admission);
  }
  await stage.call(thief, [], () => stage.engine.touch([{ ...ref, at: stage.now }]));
  const tab = { ...ref, tab: 'thief' };
  await stage.call(thief, [], () => stage.engine.updateTabs([{ ...tab, visible: true, at: stage.now }]));
}

/** Reports arrive one by one: only its own agent may be spoken of. */
export async function type(stage: Stage, inputs: readonly Input[]): Promise<void> {
  for (const input of inputs) {
    const person = stage.who(input);
    const sid = stage.sid(input);
    if (sid === undefined) continue;
    stage.readClock();
    const { account, agent } = person;
    const at = stage.now - input.agoMs;
    if (person.live.has(sid)) person.raise(at, stage.now);
    await stage.call(person, ['session.resumed'], () => stage.engine.touch([{ account, agent, sid, at }]));
  }
}

export async function tab(stage: Stage, { who, which, tab: number, turn }: Of<'tab'>): Promise<void> {
  const person = stage.who({ who });
  const sid = stage.sid({ who, which });
  if (sid === undefined) return;
  const { account, agent } = person;
  const tab = `${account} ${sid} ${number}`;
  const ref = { account, agent, sid, tab };
  if (turn === 'open' || (turn === 'show' && !person.tabs.has(tab))) {
    if (person.tabs.has(tab)) return;
    if (person.live.has(sid)) person.tabs.set(tab, { sid, visible: false });
    const seen = await stage.call(person, [], () => openTabOf(stage.engine, ref));
    must(seen.ok === person.live.has(sid), 'a tab hears whether its session lives', () => seen);
    if (turn === 'open') return;
  }
  const known = person.tabs.get(tab);
  const visible = turn === 'close' ? null : turn === 'show';
  if (visible === null) person.tabs.delete(tab);
  else if (known !== undefined) known.visible = visible;
  await stage.call(person, [], () => stage.engine.updateTabs([{ ...ref, visible, at: stage.now }]));
}

export async function logout(stage: Stage, { who, which }: Of<'logout'>): Promise<void> {
  const person = stage.who({ who });
  const sid = stage.sid({ who, which });
  if (sid === undefined) return;
  const alive = person.live.has(sid);
  const run = () => stage.engine.endSession({ account: person.account, sid });
  const ended = await stage.call(person, alive ? ['session.ended'] : [], run, {
    sids: [sid],
    reason: 'logout',
  });
  must(ended === alive && !person.live.has(sid), 'a logout ends a living session, once', () => sid);
}

export async function logoutUnseen(stage: Stage, { who }: Of<'logout-unseen'>): Promise<void> {
  const person = stage.who({ who });
  const sid = `${person.agent}-${person.sids.length}`;
  person.sids.push(sid);
  person.dead.set(sid, null);
  const ended = await stage.call(person, [], () => stage.engine.endSession({ account: person.account, sid }));
  must(ended, 'an unseen sid can be ended beforehand');
}

export async function signOut(stage: Stage, { who }: Of<'sign-out'>): Promise<void> {
  const person = stage.who({ who });
  const { account, agent } = person;
  const available = person.live.size > 0 && person.shownAvailable === true;
  const known = await stage.call(
    person,
    person.live.size > 0 ? ['session.ended', 'agent.unavailable'] : [],
    () => stage.engine.signOut({ account, agent, by: 'boss' }),
    { sids: [...person.live.keys()], reason: 'admin' },
  );
  must(known === person.seen, 'a manager can sign out whom the engine knows');
  must(person.live.size === 0, 'a sign-out ends all sessions');
  if (available) must(person.available === false, 'unavailable in the same step as the sign-out');
}

export async function availability(
  stage: Stage,
  { who, available, admin }: Of<'availability'>,
): Promise<void> {
  const person = stage.who({ who });
  const { account, agent } = person;
  const by = { cause: admin ? ('admin' as const) : ('agent' as const), id: admin ? 'boss' : agent };
  const before = person.shownAvailable;
  const answer = await stage.call(person, AVAILABILITY, () =>
    stage.engine.setAvailability({ account, agent, available, by }),
  );
  if (answer.ok) {
    must(before !== null && person.available === available, 'availability is as it was set', () => answer);
    if (before !== available) person.availabilityChanges += 1;
  } else if (answer.code === 'rate_limited') {
    must(person.availabilityChanges >= RATE, 'limited only who changes often', () => answer);
  } else {
    const code = person.seen ? 'not_participating' : 'not_found';
    must(before === null && answer.code === code, 'refused with the right code', () => answer);
  }
}

export async function policy(stage: Stage, { account: index, seconds }: Of<'policy'>): Promise<void> {
  const account = ACCOUNTS[index]!;
  const changes = stage.reference.timeoutSeconds.get(account) !== seconds;
  stage.reference.timeoutSeconds.set(account, seconds);
  const settings = { timeoutSeconds: seconds, rememberMe: REMEMBER_ME };
  const before = stage.judge.told.get(account)?.length ?? 0;
  const licence = { account, agent: null, types: ['policy.changed'] as const };
  await stage.listen(licence, () => stage.engine.setPolicy({ account, settings, by: 'boss' }));
  const events = (stage.judge.told.get(account)?.length ?? 0) - before;
  must(events === Number(changes), 'a change of the policy is told once, and nothing else', () => events);
}
