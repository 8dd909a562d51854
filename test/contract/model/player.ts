import type { Engine } from '../../../server/engine/engine.ts';
import type { EventType } from '../../../shared/events.ts';
import { Follower } from '../engine/follower.ts';
import type { EngineHarness } from '../engine/harness.ts';
import { ACCOUNTS, type Action, type History, type Input, MODEL_MIN_TIMEOUT } from './history.ts';
import { checkAudit, checkEverybody, checkFeed, checkSettled } from './invariants.ts';
import { Judge, type Licence, must, SWEEP } from './judge.ts';
import { type Person, Reference } from './reference.ts';

const REMEMBER_ME = { agent: true, requester: true };
const AVAILABILITY: readonly EventType[] = ['agent.available', 'agent.unavailable'];
const RATE = 10;
const MAX_SLEEP_MS = 1_000;

/** Plays a history to its end; throws a Violation where the engine breaks a rule. Answers all that it told. */
export async function play(harness: EngineHarness, history: History): Promise<Judge> {
  const player = new Player(harness);
  for (const [account, seconds] of history.timeouts.entries())
    await player.act({ do: 'policy', account, seconds });
  for (const action of history.actions) await player.act(action);
  await player.finish();
  return player.judge;
}

class Player {
  readonly judge: Judge;
  private readonly harness: EngineHarness;
  private readonly reference: Reference;
  private readonly followers = ACCOUNTS.map((account) => new Follower(account));
  private heard = 0;

  constructor(harness: EngineHarness) {
    this.harness = harness;
    this.reference = new Reference(harness.clock.now());
    this.judge = new Judge(this.reference);
  }

  private get engine(): Engine {
    return this.harness.engine;
  }

  private get now(): number {
    return this.reference.now;
  }

  /** One action, and everything checked after it. */
  async act(action: Action): Promise<void> {
    await this.perform(action);
    await checkEverybody(this.engine, this.reference);
  }

  async finish(): Promise<void> {
    for (const [index, account] of ACCOUNTS.entries()) {
      await checkFeed(this.engine, account, this.followers[index]!);
      await checkAudit(this.engine, account, this.judge);
    }
  }

  private perform(action: Action): Promise<void> {
    switch (action.do) {
      case 'login':
        return this.login(action);
      case 'present':
        return this.present(action);
      case 'impersonate':
        return this.impersonate(action);
      case 'type':
        return this.type(Array.from({ length: action.times }, () => action));
      case 'tab':
        return this.tab(action);
      case 'logout':
        return this.logout(action);
      case 'logout-unseen':
        return this.logoutUnseen(action);
      case 'sign-out':
        return this.signOut(action);
      case 'availability':
        return this.availability(action);
      case 'policy':
        return this.policy(ACCOUNTS[action.account]!, action.seconds);
      case 'mistake':
        return this.mistake(action);
      case 'pass':
        return this.pass(action.ms);
      case 'pass-to':
        return this.passTo(action);
      case 'stall':
        return this.stall(action);
      case 'step':
        return this.step(action.ms);
      case 'sweep':
        return this.sweepTogether(action.times);
      case 'restart':
        return this.restart(action.downMs);
      case 'look':
        return checkFeed(this.engine, ACCOUNTS[action.account]!, this.followers[action.account]!);
    }
  }

  // Calls, and what they may say.

  /** A call by or for one person. */
  private async call<T>(
    { account, agent }: Person,
    types: readonly EventType[],
    run: () => Promise<T>,
    ends?: Licence['ends'],
  ): Promise<T> {
    return this.listen({ account, agent, types, ends }, run);
  }

  private async listen<T>(licence: Licence, run: () => Promise<T>): Promise<T> {
    this.reference.readClock(this.harness.clock.now());
    const answer = await run();
    const { emissions } = this.harness;
    const fresh = emissions.slice(this.heard);
    this.heard = emissions.length;
    this.judge.hear(fresh, licence);
    return answer;
  }

  private who(action: { who: number }): Person {
    return this.reference.people[action.who]!;
  }

  private sid(action: { who: number; which: number }): string | undefined {
    const { sids } = this.who(action);
    // The newest first: they are the likeliest to be alive.
    return sids[sids.length - 1 - (action.which % sids.length)];
  }

  // Actions.

  private async login({ who, agoMs, autoAssign }: Extract<Action, { do: 'login' }>): Promise<void> {
    const person = this.who({ who });
    this.reference.readClock(this.harness.clock.now());
    const { account, agent } = person;
    const [loginAt, issuedAt, sid] = [this.now - agoMs, this.now, `${agent}-${person.sids.length}`];
    const late = loginAt + this.reference.timeoutMs(account) <= this.now;
    person.sids.push(sid);
    if (late) person.dead.set(sid, null);
    else {
      person.seen = true;
      person.live.set(sid, { loginAt, issuedAt, autoAssign });
      person.begin(loginAt, this.now);
      person.hearToken(issuedAt, autoAssign);
    }
    const types: EventType[] = late ? [] : ['session.started', 'session.resumed'];
    const admission = await this.call(person, types, () =>
      this.engine.admit({ account, agent, sid, loginAt, issuedAt, name: agent, permissions: [], autoAssign }),
    );
    must(
      admission.ok === !late,
      'a login a whole timeout back begins nothing, any other one does',
      () => admission,
    );
    if (!late) {
      const { agent: startedBy, session } = this.judge.lastOf(account, 'session.started') ?? {};
      must(startedBy === agent && session === sid, 'a beginning is told', () => sid);
    }
  }

  private async present({ who, which, refreshed }: Extract<Action, { do: 'present' }>): Promise<void> {
    const person = this.who({ who });
    const sid = this.sid({ who, which });
    if (sid === undefined) return;
    this.reference.readClock(this.harness.clock.now());
    const { account, agent } = person;
    const known = person.live.get(sid);
    const claims =
      refreshed || known === undefined
        ? { loginAt: this.now, issuedAt: this.now, autoAssign: known?.autoAssign ?? true }
        : known;
    if (known !== undefined) person.hearToken(claims.issuedAt, claims.autoAssign);
    const admission = await this.call(person, [], () =>
      this.engine.admit({ account, agent, sid, name: agent, permissions: [], ...claims }),
    );
    must(
      admission.ok === (known !== undefined),
      'a sid is admitted while it lives, and never again',
      () => admission,
    );
  }

  private async impersonate({ who, which }: Extract<Action, { do: 'impersonate' }>): Promise<void> {
    const sid = this.sid({ who, which });
    if (sid === undefined) return;
    const { account } = this.who({ who });
    const thief = this.reference.people.find(
      (person) => person.account === account && person !== this.who({ who }),
    )!;
    const { agent } = thief;
    const ref = { account, agent, sid };
    const login = {
      ...ref,
      loginAt: this.now,
      issuedAt: this.now,
      name: agent,
      permissions: [],
      autoAssign: true,
    };
    const admission = await this.call(thief, [], () => this.engine.admit(login));
    must(!admission.ok, 'a sid stays with the agent it was first seen with', () => admission);
    await this.call(thief, [], () => this.engine.touch([{ ...ref, at: this.now }]));
    const tab = { ...ref, tab: 'thief' };
    await this.call(thief, [], () => this.engine.openTab(tab));
    await this.call(thief, [], () => this.engine.updateTabs([{ ...tab, visible: true, at: this.now }]));
  }

  /** Reports arrive one by one: only its own agent may be spoken of. */
  private async type(inputs: readonly Input[]): Promise<void> {
    for (const input of inputs) {
      const person = this.who(input);
      const sid = this.sid(input);
      if (sid === undefined) continue;
      this.reference.readClock(this.harness.clock.now());
      const { account, agent } = person;
      const at = this.now - input.agoMs;
      if (person.live.has(sid)) person.raise(at, this.now);
      await this.call(person, ['session.resumed'], () => this.engine.touch([{ account, agent, sid, at }]));
    }
  }

  private async tab({ who, which, tab: number, turn }: Extract<Action, { do: 'tab' }>): Promise<void> {
    const person = this.who({ who });
    const sid = this.sid({ who, which });
    if (sid === undefined) return;
    const { account, agent } = person;
    const tab = `${account} ${sid} ${number}`;
    const ref = { account, agent, sid, tab };
    if (turn === 'open') {
      if (person.tabs.has(tab)) return;
      if (person.live.has(sid)) person.tabs.set(tab, { sid, visible: false });
      const seen = await this.call(person, [], () => this.engine.openTab(ref));
      must(
        (seen.state === 'ended') === !person.live.has(sid),
        'a tab hears whether its session lives',
        () => seen,
      );
      return;
    }
    const known = person.tabs.get(tab);
    const visible = turn === 'close' ? null : turn === 'show';
    if (visible === null) person.tabs.delete(tab);
    else if (known !== undefined) known.visible = visible;
    await this.call(person, [], () => this.engine.updateTabs([{ ...ref, visible, at: this.now }]));
  }

  private async logout({ who, which }: Extract<Action, { do: 'logout' }>): Promise<void> {
    const person = this.who({ who });
    const sid = this.sid({ who, which });
    if (sid === undefined) return;
    const alive = person.live.has(sid);
    const run = () => this.engine.endSession({ account: person.account, sid });
    const ended = await this.call(person, alive ? ['session.ended'] : [], run, {
      sids: [sid],
      reason: 'logout',
    });
    must(ended === alive && !person.live.has(sid), 'a logout ends a living session, once', () => sid);
  }

  private async logoutUnseen({ who }: Extract<Action, { do: 'logout-unseen' }>): Promise<void> {
    const person = this.who({ who });
    const sid = `${person.agent}-${person.sids.length}`;
    person.sids.push(sid);
    person.dead.set(sid, null);
    const ended = await this.call(person, [], () => this.engine.endSession({ account: person.account, sid }));
    must(ended, 'an unseen sid can be ended beforehand');
  }

  private async signOut({ who }: Extract<Action, { do: 'sign-out' }>): Promise<void> {
    const person = this.who({ who });
    const { account, agent } = person;
    const available = person.live.size > 0 && person.shownAvailable === true;
    const known = await this.call(
      person,
      person.live.size > 0 ? ['session.ended', 'agent.unavailable'] : [],
      () => this.engine.signOut({ account, agent, by: 'boss' }),
      { sids: [...person.live.keys()], reason: 'admin' },
    );
    must(known === person.seen, 'a manager can sign out whom the engine knows');
    must(person.live.size === 0, 'a sign-out ends all sessions');
    if (available) must(person.available === false, 'unavailable in the same step as the sign-out');
  }

  private async availability({
    who,
    available,
    admin,
  }: Extract<Action, { do: 'availability' }>): Promise<void> {
    const person = this.who({ who });
    const { account, agent } = person;
    const by = { cause: admin ? ('admin' as const) : ('agent' as const), id: admin ? 'boss' : agent };
    const before = person.shownAvailable;
    const answer = await this.call(person, AVAILABILITY, () =>
      this.engine.setAvailability({ account, agent, available, by }),
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

  private async policy(account: string, timeoutSeconds: number): Promise<void> {
    const changes = this.reference.timeoutSeconds.get(account) !== timeoutSeconds;
    this.reference.timeoutSeconds.set(account, timeoutSeconds);
    const settings = { timeoutSeconds, rememberMe: REMEMBER_ME };
    const before = this.judge.told.get(account)?.length ?? 0;
    const licence = { account, agent: null, types: ['policy.changed'] as const };
    await this.listen(licence, () => this.engine.setPolicy({ account, settings, by: 'boss' }));
    const events = (this.judge.told.get(account)?.length ?? 0) - before;
    must(events === Number(changes), 'a change of the policy is told once, and nothing else', () => events);
  }

  /** A policy shortened by mistake and restored within the lead ends nobody who was not warned before. */
  private async mistake({ account: index, forMs }: Extract<Action, { do: 'mistake' }>): Promise<void> {
    const account = ACCOUNTS[index]!;
    await this.pass(0);
    const before = this.reference.timeoutSeconds.get(account)!;
    const safe = this.reference.people.filter(
      (person) => person.account === account && person.live.size > 0 && person.warnedAt === null,
    );
    const spared = safe.filter((person) => this.reference.warnAt(person) > this.now + forMs);
    await this.policy(account, MODEL_MIN_TIMEOUT / 1_000);
    await this.pass(forMs);
    await this.policy(account, before);
    await this.pass(0);
    for (const person of spared) {
      const fine = person.live.size > 0 && person.warnedAt === null;
      must(fine, 'a mistake taken back in time ends and warns nobody', () => person.agent);
    }
  }

  // Time.

  /** As the sweeper does it: sleeps until the next due moment, at most a second. */
  private async pass(ms: number): Promise<void> {
    const { clock } = this.harness;
    const until = clock.now() + ms;
    for (;;) {
      const dueAt = await this.sweepUp();
      const left = until - clock.now();
      if (left <= 0) return;
      clock.advance(Math.min(MAX_SLEEP_MS, left, Math.max(1, dueAt - clock.now())));
    }
  }

  private async passTo({ who, moment, offMs }: Extract<Action, { do: 'pass-to' }>): Promise<void> {
    const person = this.who({ who });
    if (person.live.size === 0) return;
    const target = moment === 'warning' ? this.reference.warnAt(person) : this.reference.endsAt(person);
    const ms = target + offMs - this.harness.clock.now();
    if (ms <= 0) return;
    // Nobody needs to watch a quiet hour second by second.
    const quiet = Math.max(0, ms - 2 * MODEL_MIN_TIMEOUT);
    if (quiet > 0) this.harness.clock.advance(quiet);
    await this.pass(ms - quiet);
  }

  private async stall({ ms, inputs, inputFirst }: Extract<Action, { do: 'stall' }>): Promise<void> {
    this.harness.clock.advance(ms);
    if (inputFirst) await this.type(inputs);
    await this.sweepUp();
    if (!inputFirst) await this.type(inputs);
  }

  /** The sweeper looks at least each second: what it saw last is at hand when the clock is set. */
  private async step(ms: number): Promise<void> {
    await this.sweepUp();
    this.harness.clock.step(ms);
    await this.sweepUp();
  }

  private async sweepTogether(times: number): Promise<void> {
    this.reference.beginSweep(this.harness.clock.now());
    await this.listen(SWEEP, () => Promise.all(Array.from({ length: times }, () => this.engine.sweep())));
    await this.sweepUp();
  }

  /** Sweeps until no work is left; answers when to come again. */
  private async sweepUp(): Promise<number> {
    for (let calls = 0; calls < 100; calls += 1) {
      this.reference.beginSweep(this.harness.clock.now());
      const dueAt = await this.listen(SWEEP, () => this.engine.sweep());
      if (dueAt <= this.now) continue;
      checkSettled(this.reference, dueAt);
      return dueAt;
    }
    must(false, 'a sweep comes to an end');
  }

  private async restart(downMs: number): Promise<void> {
    await this.harness.reopen(downMs);
    this.reference.restart();
    this.reference.readClock(this.harness.clock.now());
    for (const person of this.reference.people) {
      const found = await this.engine.agent(person.account, person.agent);
      const { sweptActivityAt, lastActivityAt } = person;
      if (found === null) continue;
      const facts = () => ({ found, sweptActivityAt, lastActivityAt });
      must(found.lastActivityAt >= sweptActivityAt, 'activity is at most one sweep behind', facts);
      must(found.lastActivityAt <= lastActivityAt, 'a restart is no activity', facts);
      person.lastActivityAt = found.lastActivityAt;
    }
  }
}
