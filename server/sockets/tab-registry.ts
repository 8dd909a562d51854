import type { SessionView } from '../../shared/protocol.ts';
import type { Tab } from './tab.ts';

const NONE: readonly Tab[] = [];

/** An agent with open tabs on this node, and what these tabs have been told. */
export class LocalAgent {
  readonly account: string;
  readonly agent: string;
  /** An array: most have one or two, and 10,000 sets are 1.5 MB. */
  tabs: readonly Tab[] = NONE;
  /** The newest transition that was told. */
  rev = 0;
  warned = false;
  /** The earliest that a tab was told last; infinite while nothing was told. */
  warnAt = Number.POSITIVE_INFINITY;
  endsAt = Number.POSITIVE_INFINITY;
  #lastActivityAt = 0;
  /** Whether a tab may not have heard what the others were told. */
  #isBehind = false;
  /** Grows with every push that came by: the answer to a tab that opened before one may be older than it. */
  pushes = 0;
  /** Of its tabs, those about which the engine is being asked: they are not among `tabs` yet. */
  expected = 0;
  /**
   * Grows with all that was learnt: pushes and answers. An answer about many agents comes when the slowest server has
   * spoken; what was learnt since it was asked for may be newer.
   */
  news = 0;

  /** Since when the engine says less than what its tabs were told. */
  doubtedAt: number | null = null;

  constructor(account: string, agent: string) {
    this.account = account;
    this.agent = agent;
  }

  /** All tabs were told this. */
  told({ rev, state, warnAt, endsAt, lastActivityAt }: SessionView): void {
    this.rev = rev;
    this.warned = state === 'warning';
    this.warnAt = warnAt;
    this.endsAt = endsAt;
    this.#lastActivityAt = lastActivityAt;
    // A tab that is being let in did not hear it.
    this.#isBehind = this.#isBehind && this.expected > 0;
  }

  /** All tabs were told that the end comes. */
  warn(rev: number, endsAt: number): void {
    this.rev = rev;
    this.warned = true;
    this.endsAt = endsAt;
  }

  /** One tab missed something: whatever the engine says next is news. */
  missed(): void {
    this.#isBehind = true;
  }

  /** Whether a tab waits for what the others were told. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** One more tab was told this. */
  toldOne({ rev, state, warnAt, endsAt, lastActivityAt }: SessionView): void {
    this.#lastActivityAt = Math.max(this.#lastActivityAt, lastActivityAt);
    this.rev = rev;
    this.warned = state === 'warning';
    this.warnAt = Math.min(this.warnAt, warnAt);
    this.endsAt = Math.min(this.endsAt, endsAt);
  }

  /** Whether tabs were told something newer: a later transition, or what was typed since this one. */
  isAheadOf({ rev, lastActivityAt }: SessionView): boolean {
    return rev < this.rev || (rev === this.rev && lastActivityAt < this.#lastActivityAt);
  }

  /** Whether tabs were told otherwise with this rev. Never so, but where two servers take themselves for the master. */
  contradicts({ rev, isWarned }: { rev: number; isWarned: boolean }): boolean {
    return rev === this.rev && isWarned !== this.warned && this.warnAt !== Number.POSITIVE_INFINITY;
  }

  /** Whether all tabs have been told what this says. Plain activity that moved nothing else shows in `warnAt`. */
  knows({ rev, state, warnAt, endsAt }: SessionView): boolean {
    return (
      !this.#isBehind &&
      this.rev === rev &&
      this.warned === (state === 'warning') &&
      this.warnAt === warnAt &&
      this.endsAt === endsAt
    );
  }

  /** One tab of each login that is open here. */
  logins(): Map<string, Tab> {
    const logins = new Map<string, Tab>();
    for (const tab of this.tabs) logins.set(tab.sid, tab);
    return logins;
  }
}

/** The tabs that are open on this node, by account and agent. */
export class TabRegistry {
  readonly #accounts = new Map<string, Map<string, LocalAgent>>();
  #size = 0;

  /** How many tabs are open here. */
  get size(): number {
    return this.#size;
  }

  /** A tab of this agent may open in a moment: what is pushed until then is noticed. */
  expect(account: string, id: string): LocalAgent {
    const agent = this.#findOrAdd(account, id);
    agent.expected += 1;
    return agent;
  }

  /** It has opened, or will not. */
  expectNoMore(agent: LocalAgent): void {
    agent.expected -= 1;
    this.#forgetIfUnused(agent);
  }

  add(tab: Tab): LocalAgent {
    const agent = this.#findOrAdd(tab.account, tab.agent);
    for (const other of agent.tabs) if (other.sid === tab.sid) tab.joins(other);
    agent.tabs = agent.tabs.concat(tab);
    this.#size += 1;
    return agent;
  }

  /** Takes a tab out; answers its agent where that was the last one here. */
  remove(tab: Tab): LocalAgent | undefined {
    const agent = this.find(tab.account, tab.agent);
    if (!agent?.tabs.includes(tab)) return undefined;
    agent.tabs = agent.tabs.filter((other) => other !== tab);
    this.#size -= 1;
    if (agent.tabs.length > 0) return undefined;
    this.#forgetIfUnused(agent);
    return agent;
  }

  #findOrAdd(account: string, id: string): LocalAgent {
    const agents = this.#accounts.get(account) ?? new Map<string, LocalAgent>();
    const agent = agents.get(id) ?? new LocalAgent(account, id);
    this.#accounts.set(account, agents);
    agents.set(id, agent);
    return agent;
  }

  #forgetIfUnused({ account, agent, tabs, expected }: LocalAgent): void {
    if (tabs.length > 0 || expected > 0) return;
    const agents = this.#accounts.get(account);
    agents?.delete(agent);
    if (agents?.size === 0) this.#accounts.delete(account);
  }

  find(account: string, agent: string): LocalAgent | undefined {
    return this.#accounts.get(account)?.get(agent);
  }

  /** Those of one account, or all, as they are now. */
  agents(account?: string): LocalAgent[] {
    if (account !== undefined) return [...(this.#accounts.get(account)?.values() ?? [])];
    return [...this.#accounts.values()].flatMap((agents) => [...agents.values()]);
  }

  tabs(): Tab[] {
    return this.agents().flatMap(({ tabs }) => tabs);
  }
}
