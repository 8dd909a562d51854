import type { SessionView } from '../../../shared/protocol.ts';
import type { Emission, LoginRef, SessionEnd } from '../engine.ts';
import { encodeId } from '../ids.ts';
import { REPEATED_MS, type RecentOptions } from './recent-ends.ts';
import { availabilityWord, moment } from './words.ts';

const MAX_KEPT = 20_000;
/** While two servers both take changes, raising an agent on one contradicts what the other says: not without a pause. */
const RAISE_PAUSE_MS = 1_000;

/** What was told with a rev; `both` where two servers gave it out for different things. */
type Shown = 'unknown' | 'active' | 'warning' | 'both';

const SHOWN_WORD: Record<Shown, string> = { unknown: '0', active: '1', warning: '2', both: '3' };

interface Told {
  account: string;
  agent: string;
  rev: number;
  shown: Shown;
  /** Of the newest session that was told: whether it is available, and its rev; null where none was told. */
  session: { available: boolean | null; rev: number } | null;
  at: number;
  /** When it was raised last for what an answer lacked. */
  raisedAt: number;
}

/**
 * The newest `rev` of each agent that this node told, was told or was answered in the last 10 s, what was said with it, and
 * whether they were available. Tabs drop what is older: should Redis lose the transitions, those that come in their place
 * have to be newer than they were, and whoever has stepped out stays so (raise-revs.lua).
 */
export class RecentRevs {
  readonly #options: RecentOptions;
  /** By partition and agent, the one told longest ago first. */
  readonly #told: Map<number, Map<string, Told>>;
  #count = 0;

  constructor(options: RecentOptions) {
    this.#options = options;
    this.#told = new Map(options.partitions.all().map((partition) => [partition, new Map()]));
  }

  note({ account, agent, pushes }: Emission): void {
    if (agent === null) return;
    for (const push of pushes) {
      if (push.type === 'session') this.#keep(account, agent, push.session, push.session.state);
      else if (push.type === 'warning') this.#keep(account, agent, push, 'warning');
      else if (push.type === 'ended') this.#keep(account, agent, push, 'unknown');
    }
  }

  /** An answer. Where there is no room it is let go: a change of policy has everybody asked about. */
  answered({ account, agent }: Omit<LoginRef, 'sid'>, view: SessionView): void {
    const known = this.#find(account, agent);
    const isNews = known === undefined ? this.#count < MAX_KEPT : this.#isNews(known, view);
    if (isNews) this.#keep(account, agent, view, view.state);
  }

  #isNews(known: Told, { rev, state }: SessionView): boolean {
    if (rev !== known.rev) return rev > known.rev;
    return merged(known.shown, state) !== known.shown || rev > (known.session?.rev ?? 0);
  }

  #keep(
    account: string,
    agent: string,
    told: { rev: number; available?: boolean | null },
    shown: Shown,
  ): void {
    const all = this.#told.get(this.#options.partitions.of(account))!;
    const name = nameOf(account, agent);
    const known = all.get(name);
    this.#forget(all, name);
    all.set(name, {
      account,
      agent,
      ...newest(known, { rev: told.rev, shown }),
      session: newestSession(known?.session ?? null, told),
      at: this.#options.now(),
      raisedAt: known?.raisedAt ?? Number.NEGATIVE_INFINITY,
    });
    this.#count += 1;
    if (this.#count <= MAX_KEPT) return;
    this.#forget(all, all.keys().next().value!);
    this.#options.onDropped();
  }

  #find(account: string, agent: string): Told | undefined {
    return this.#told.get(this.#options.partitions.of(account))!.get(nameOf(account, agent));
  }

  #forget(told: Map<string, Told>, name: string): void {
    if (told.delete(name)) this.#count -= 1;
  }

  /** The data of a partition have answered: what is older than they may lose is let go. */
  letGo(partition: number, now: number): void {
    const told = this.#told.get(partition)!;
    for (const [name, { at }] of told) {
      if (at >= now - REPEATED_MS) break;
      this.#forget(told, name);
    }
  }

  /** What raise-revs.lua is given for each agent of a partition since a moment. */
  words(partition: number, since: number): string[][] {
    return [...this.#told.get(partition)!.values()].filter(({ at }) => at >= since).map(wordsOf);
  }

  /** What is known of an agent now, to be held against an answer that is yet to be asked for; null where nothing is. */
  of({ account, agent }: Omit<LoginRef, 'sid'>): RecentRev | null {
    const told = this.#find(account, agent);
    if (told === undefined || this.#options.now() - told.raisedAt < RAISE_PAUSE_MS) return null;
    return new RecentRev(told);
  }

  /** These are being raised. */
  raised(revs: readonly RecentRev[]): void {
    for (const { account, agent } of revs) {
      const told = this.#find(account, agent);
      if (told !== undefined) told.raisedAt = this.#options.now();
    }
  }
}

/** What was known of an agent at a moment. */
export class RecentRev {
  readonly #told: Told;

  constructor(told: Told) {
    this.#told = told;
  }

  get account(): string {
    return this.#told.account;
  }

  get agent(): string {
    return this.#told.agent;
  }

  /** Whether Redis, asked after that, lacks what was told, or has something else of that rev. */
  isMissingIn(answer: SessionView | SessionEnd | null): boolean {
    if (answer === null || answer.state === 'ended') return false;
    const { rev, shown } = this.#told;
    return answer.rev < rev || (answer.rev === rev && merged(shown, answer.state) === 'both');
  }

  /** What raise-revs.lua is given. */
  words(): string[] {
    return wordsOf(this.#told);
  }
}

function wordsOf({ account, agent, rev, shown, session }: Told): string[] {
  return [
    encodeId(account),
    encodeId(agent),
    moment(rev),
    availabilityWord(session?.available ?? null),
    moment(session?.rev ?? 0),
    SHOWN_WORD[shown],
  ];
}

/** Of one rev, whoever was said to have stepped out has: two servers may have given it out. */
function newestSession(
  known: Told['session'],
  { rev, available }: { rev: number; available?: boolean | null },
): Told['session'] {
  if (available === undefined || (known !== null && rev < known.rev)) return known;
  return known?.rev === rev && known.available === false ? known : { available, rev };
}

function newest(known: Told | undefined, told: { rev: number; shown: Shown }): { rev: number; shown: Shown } {
  if (known === undefined || told.rev > known.rev) return told;
  const { rev, shown } = known;
  return told.rev < rev ? { rev, shown } : { rev, shown: merged(shown, told.shown) };
}

/** Both were told with one rev. */
function merged(one: Shown, other: Shown): Shown {
  if (one === 'unknown') return other;
  return other === 'unknown' || one === other ? one : 'both';
}

function nameOf(account: string, agent: string): string {
  return `${account}\n${agent}`;
}
