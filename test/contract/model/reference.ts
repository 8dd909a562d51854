import { inactivityOf, type SessionEnd } from '../../../server/engine/engine.ts';
import type { Inactivity } from '../../../shared/events.ts';
import { DEFAULT_POLICY } from '../../../shared/policy.ts';
import { ACCOUNTS, MODEL_LEAD, MODEL_MIN_TIMEOUT, PEOPLE } from './history.ts';
import { must } from './rules.ts';

const GAP_MS = 2_500;
const STEP_BACK_MS = 60_000;

/** What must be true of one agent: facts that follow from the history alone, and what the engine was heard to say. */
export class Person {
  readonly account: string;
  readonly agent: string;
  readonly live = new Map<string, { loginAt: number; issuedAt: number; autoAssign: boolean }>();
  /** Ended sids, with their end as it was first seen. */
  readonly dead = new Map<string, SessionEnd | null>();
  /** Every sid ever seen, in order. */
  readonly sids: string[] = [];
  readonly tabs = new Map<string, { sid: string; visible: boolean }>();
  seen = false;
  lastActivityAt = Number.NEGATIVE_INFINITY;
  /** What of it has been swept: a restart may lose the rest. */
  sweptActivityAt = Number.NEGATIVE_INFINITY;
  /** When the engine last said `session.warned`; null when it said that this is over. */
  warnedAt: number | null = null;
  participates = false;
  available: boolean | null = null;
  availabilityChanges = 0;
  newestIssuedAt = Number.NEGATIVE_INFINITY;
  rev = 0;

  constructor(account: string, agent: string) {
    this.account = account;
    this.agent = agent;
  }

  get shownAvailable(): boolean | null {
    return this.participates ? this.available : null;
  }

  /** A token is presented. */
  hearToken(issuedAt: number, autoAssign: boolean): void {
    if (issuedAt < this.newestIssuedAt) return;
    this.newestIssuedAt = issuedAt;
    this.participates = autoAssign;
    if (autoAssign) this.available ??= true;
  }

  /** A login: what lies in the future of a clock that was set back counts as now. */
  begin(loginAt: number, now: number): void {
    this.lastActivityAt = Math.min(this.lastActivityAt, now);
    this.sweptActivityAt = Math.min(this.sweptActivityAt, now);
    this.raise(loginAt, now);
  }

  raise(at: number, now: number): void {
    this.lastActivityAt = Math.max(this.lastActivityAt, Math.min(at, now));
  }

  bury(sid: string): void {
    this.live.delete(sid);
    this.dead.set(sid, null);
    for (const [tab, { sid: owner }] of this.tabs) if (owner === sid) this.tabs.delete(tab);
    if (this.live.size === 0) this.warnedAt = null;
  }

  get visibleTabs(): number {
    return [...this.tabs.values()].filter(({ visible }) => visible).length;
  }

  get inactivity(): Inactivity {
    return inactivityOf({ tabs: this.tabs.size, visibleTabs: this.visibleTabs });
  }
}

/** The small truth that a history is held against. It decides nothing: what becomes due is said by the rules alone. */
export class Reference {
  readonly people: Person[] = PEOPLE.map(({ account, agent }) => new Person(account, agent));
  readonly timeoutSeconds = new Map<string, number>(ACCOUNTS.map((a) => [a, DEFAULT_POLICY.timeoutSeconds]));
  now: number;
  /** The last moment from which everybody warned must be given a whole lead. */
  gapAt = Number.NEGATIVE_INFINITY;
  private sweptAt = Number.NEGATIVE_INFINITY;

  constructor(now: number) {
    this.now = now;
  }

  person(account: string, agent: string): Person | undefined {
    return this.people.find((person) => person.account === account && person.agent === agent);
  }

  timeoutMs(account: string): number {
    return Math.max(this.timeoutSeconds.get(account)! * 1_000, MODEL_MIN_TIMEOUT);
  }

  deadlineAt(person: Person): number {
    return person.lastActivityAt + this.timeoutMs(person.account);
  }

  warnAt(person: Person): number {
    return this.deadlineAt(person) - MODEL_LEAD;
  }

  endsAt(person: Person): number {
    const deadlineAt = this.deadlineAt(person);
    return person.warnedAt === null ? deadlineAt : Math.max(deadlineAt, person.warnedAt + MODEL_LEAD);
  }

  /** The next moment at which something is due. */
  nextDueAt(): number {
    const live = this.people.filter((person) => person.live.size > 0);
    return Math.min(
      ...live.map((person) => (person.warnedAt === null ? this.warnAt(person) : this.endsAt(person))),
    );
  }

  /** Engine time never runs backwards between sweeps. */
  readClock(clock: number): void {
    this.now = Math.max(this.now, clock);
  }

  /** A sweep notices that nobody watched, and that the clock was set back. */
  beginSweep(clock: number): void {
    const setBack = this.now - clock > STEP_BACK_MS;
    if (setBack) this.now = clock;
    this.readClock(clock);
    if (setBack || this.now - this.sweptAt > GAP_MS) this.gapAt = this.now;
    this.sweptAt = this.now;
    for (const person of this.people) {
      // Who is signed out stays as they stood; for everybody else activity in the future becomes now.
      if (person.live.size > 0) person.lastActivityAt = Math.min(person.lastActivityAt, this.now);
      person.sweptActivityAt = person.lastActivityAt;
    }
  }

  /** A new start has seen no sweep and no tab, and knows engine time at least as of the last sweep before it. */
  restart(clock: number, engineTime: number): void {
    const facts = () => ({ clock, engineTime, sweptAt: this.sweptAt, now: this.now });
    must(engineTime >= Math.max(clock, this.sweptAt), 'a restart sets engine time back by no sweep', facts);
    must(engineTime <= Math.max(clock, this.now), 'a restart does not set engine time ahead', facts);
    this.now = engineTime;
    this.sweptAt = Number.NEGATIVE_INFINITY;
    for (const person of this.people) person.tabs.clear();
  }
}
