import type { EventDraft, VigilEvent } from '../../../shared/events.ts';
import type { SessionView } from '../../../shared/protocol.ts';
import type { Clock } from '../../clock.ts';
import type * as port from '../engine.ts';
import { type EngineUnavailable, GAP_MS, STEP_BACK_MS } from '../engine.ts';
import { Account, type AccountRow, type Tombstone } from './account.ts';
import { type Agent, type AgentRow, agentDetail, sessionView } from './agent.ts';
import { readEvents } from './audit.ts';
import { changeAvailability } from './availability.ts';
import { Commits } from './commits.ts';
import { DueAccounts } from './due.ts';
import { changePolicy, previewTimeout } from './policy.ts';
import { readChanges, readPage } from './reading.ts';
import { Step } from './step.ts';
import type { Store } from './store/store.ts';
import { type Gap, sweepAccount } from './sweep.ts';
import * as transition from './transitions.ts';

/** Transitions of one account, and of all, in one call of `sweep`. */
const ACCOUNT_BATCH = 200;
const SWEEP_BATCH = 1_000;

export interface MemoryEngineOptions extends port.EngineOptions {
  clock: Clock;
  store: Store;
  relay: port.Relay;
  log: { error(fields: object, message: string): void; warn(fields: object, message: string): void };
}

/** Opens the embedded engine on what its store holds. */
export async function openMemoryEngine(options: MemoryEngineOptions): Promise<port.Engine> {
  const engine = new MemoryEngine(options);
  engine.load();
  return engine;
}

/** One node, everything in memory, every step stored before it is told. The readable form of the port's rules. */
class MemoryEngine implements port.Engine {
  readonly #options: MemoryEngineOptions;
  readonly #clock: Clock;
  readonly #store: Store;
  readonly #commits: Commits;
  readonly #accounts = new Map<string, Account>();
  readonly #due = new DueAccounts();
  /** Agents whose plain activity is not stored yet; the next sweep does. */
  readonly #unsaved = new Map<Agent, Account>();
  /** The latest engine time that was used, and when the last sweep was. */
  #latest = Number.NEGATIVE_INFINITY;
  #sweptAt = Number.NEGATIVE_INFINITY;
  #gap: Gap = { at: Number.NEGATIVE_INFINITY, steppedBack: false };
  #closed: Promise<void> | undefined;

  constructor(options: MemoryEngineOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#store = options.store;
    this.#commits = new Commits(options.store, options.relay, options.log);
  }

  load(): void {
    for (const { value } of this.#store.load<{ latest: number }>('meta')) this.#latest = value.latest;
    for (const { value } of this.#store.load<AccountRow>('accounts')) this.#account(value.id).restore(value);
    const agents = [...this.#store.load<AgentRow>('agents')];
    // Input since the last sweep is stored, its moment is not: time goes on from there, whatever the clock says now.
    for (const { value } of agents)
      if (value.signedOutAt === null) this.#latest = Math.max(this.#latest, value.lastActivityAt);
    const now = this.now();
    for (const { key, value } of agents) this.#account(key[0]!).restoreAgent(value, now);
    for (const { key, value } of this.#store.load<Tombstone>('ended'))
      this.#account(key[0]!).bury(key[1]!, value);
    for (const account of this.#accounts.values()) this.#due.track(account);
  }

  now(): number {
    this.#latest = Math.max(this.#latest, this.#clock.now());
    return this.#latest;
  }

  async ping(): Promise<void> {
    this.#assertWorking();
  }

  onLink(): () => void {
    return () => {};
  }

  onDueSooner(listener: (dueAt: number) => void): () => void {
    return this.#due.onSooner(listener);
  }

  admit(login: port.Login): Promise<port.Admission> {
    return this.#step(login.account, (step, account) => {
      const refused = this.#refusal(step, account, login);
      if (refused !== null) return refused;
      const known = account.agentOfSid.get(login.sid);
      if (known !== undefined) transition.renewSession(step, account, known, login);
      const agent = known ?? transition.beginSession(step, account, login);
      const { permissions } = agent.logins.get(login.sid)!;
      return { ok: true, session: sessionView(agent, account.timing), permissions };
    });
  }

  #refusal(step: Step, account: Account, login: port.Login): port.Admission | null {
    const tombstone = account.tombstones.get(login.sid);
    if (tombstone !== undefined) {
      if (tombstone.agent !== null && tombstone.agent !== login.agent)
        return { ok: false, code: 'token_invalid' };
      transition.keepTombstone(step, account, login.sid, tombstone);
      return { ok: false, code: 'session_ended', reason: tombstone.reason };
    }
    const owner = account.agentOfSid.get(login.sid);
    if (owner !== undefined) return owner.id === login.agent ? null : { ok: false, code: 'token_invalid' };
    if (login.loginAt + account.timing.timeoutMs > step.now) return null;
    transition.bury(step, account, login.sid, login.agent, 'timeout');
    return { ok: false, code: 'session_ended', reason: 'timeout' };
  }

  async sessions(logins: port.LoginRef[]): Promise<(SessionView | port.SessionEnd | null)[]> {
    this.#assertWorking();
    return logins.map((login) => this.#sessionOf(login));
  }

  #sessionOf({ account: id, agent: agentId, sid }: port.LoginRef): SessionView | port.SessionEnd | null {
    const account = this.#accounts.get(id);
    const agent = account?.agentOfSid.get(sid);
    if (account !== undefined && agent?.id === agentId) return sessionView(agent, account.timing);
    const tombstone = account?.tombstones.get(sid);
    if (tombstone === undefined || (tombstone.agent !== null && tombstone.agent !== agentId)) return null;
    return { state: 'ended', reason: tombstone.reason, endedAt: tombstone.endedAt };
  }

  async session(accountId: string, sid: string): Promise<port.SessionStatus | null> {
    this.#assertWorking();
    const account = this.#accounts.get(accountId);
    const agent = account?.agentOfSid.get(sid);
    if (agent !== undefined)
      return { agent: agent.id, live: true, startedAt: agent.logins.get(sid)!.startedAt };
    const tombstone = account?.tombstones.get(sid);
    if (tombstone === undefined) return null;
    const { agent: owner, reason, endedAt } = tombstone;
    return { agent: owner, live: false, state: 'ended', reason, endedAt };
  }

  openTab(tab: port.TabRef): Promise<SessionView | port.SessionEnd> {
    return this.#step(tab.account, (step, account) => {
      const agent = account.agentOfSid.get(tab.sid);
      if (agent?.id !== tab.agent)
        return this.#sessionOf(tab) ?? { state: 'ended', reason: 'lost', endedAt: step.now };
      transition.openTab(agent, tab.tab, tab.sid, step.now);
      account.feed.mark(agent, step.now);
      this.#unsaved.set(agent, account);
      return sessionView(agent, account.timing);
    });
  }

  async updateTabs(changes: port.TabChange[]): Promise<void> {
    this.#assertWorking();
    const now = this.now();
    for (const { account: accountId, agent: agentId, tab, visible, at } of changes) {
      const account = this.#accounts.get(accountId);
      const agent = account?.agent(agentId);
      if (account === undefined || !agent?.tabs.has(tab)) continue;
      if (visible === null) transition.closeTab(agent, tab, now);
      else transition.showTab(agent, tab, visible, Math.min(at, now));
      account.feed.mark(agent, now);
      this.#unsaved.set(agent, account);
    }
  }

  async touch(reports: port.TouchReport[]): Promise<void> {
    this.#assertWorking();
    const step = new Step(this.now());
    const moved = new Set<Account>();
    for (const { account: accountId, agent: agentId, sid, at } of reports) {
      const account = this.#accounts.get(accountId);
      const agent = account?.agentOfSid.get(sid);
      if (account === undefined || agent?.id !== agentId) continue;
      const outcome = transition.raiseActivity(step, account, agent, Math.min(at, step.now));
      if (!outcome.raised) continue;
      account.feed.mark(agent, step.now);
      this.#unsaved.set(agent, account);
      if (!outcome.moved) continue;
      agent.rev += 1;
      step.emit(account, agent, [transition.sessionPush(account, agent)], outcome.events);
      moved.add(account);
    }
    await this.#finish(step, moved);
  }

  async sweep(): Promise<number> {
    this.#assertWorking();
    const now = this.#takeTime();
    const step = new Step(now);
    let budget = SWEEP_BATCH;
    for (const account of this.#due.at(now)) {
      if (budget <= 0) break;
      const batch = Math.min(budget, ACCOUNT_BATCH);
      const done = sweepAccount(step, account, this.#gap, batch);
      budget -= done;
      this.#due.track(account);
      if (done === batch) this.#due.postpone(account, now);
    }
    this.#saveActivity(step);
    await this.#commits.commit(step, [{ table: 'meta', key: ['time'], value: { latest: now } }]);
    return this.#due.answer();
  }

  /** Engine time of this sweep; notices a gap. */
  #takeTime(): number {
    const clock = this.#clock.now();
    const steppedBack = this.#latest - clock > STEP_BACK_MS;
    if (steppedBack) {
      this.#options.log.warn(
        { from: this.#latest, to: clock },
        'the clock stepped back; taken over as a gap',
      );
      this.#latest = clock;
    }
    const now = this.now();
    if (steppedBack || now - this.#sweptAt > GAP_MS) {
      this.#gap = { at: now, steppedBack };
      this.#due.lookAtAll();
    }
    this.#sweptAt = now;
    return now;
  }

  endSession({ account: id, sid, by }: { account: string; sid: string; by?: string }): Promise<boolean> {
    return this.#step(id, (step, account) => {
      if (account.tombstones.has(sid)) return false;
      const agent = account.agentOfSid.get(sid);
      if (agent === undefined) transition.bury(step, account, sid, null, 'logout');
      else transition.endSessions(step, account, agent, [sid], 'logout', { by });
      return true;
    });
  }

  signOut({
    account: id,
    agent: agentId,
    by,
  }: {
    account: string;
    agent: string;
    by: string;
  }): Promise<boolean> {
    return this.#onAgent(id, agentId, false, (step, account, agent) => {
      const sids = agent.loginsByAge().map(([sid]) => sid);
      if (sids.length > 0) transition.endSessions(step, account, agent, sids, 'admin', { by });
      return true;
    });
  }

  setAvailability(request: port.AvailabilityRequest): Promise<port.AvailabilityResult> {
    const unknown: port.AvailabilityResult = { ok: false, code: 'not_found' };
    return this.#onAgent(request.account, request.agent, unknown, (step, account, agent) =>
      changeAvailability(step, account, agent, request),
    );
  }

  async policy(accountId: string): Promise<port.Policy> {
    this.#assertWorking();
    return (this.#accounts.get(accountId) ?? this.#strange(accountId)).policy;
  }

  setPolicy(request: port.PolicyRequest) {
    return this.#step(request.account, (step, account) => changePolicy(step, account, request));
  }

  async preview(accountId: string, timeoutSeconds: number) {
    this.#assertWorking();
    const account = this.#accounts.get(accountId) ?? this.#strange(accountId);
    return previewTimeout(account, timeoutSeconds, this.now());
  }

  async agent(accountId: string, agentId: string): Promise<port.AgentDetail | null> {
    this.#assertWorking();
    const account = this.#accounts.get(accountId);
    const agent = account?.agent(agentId);
    return account === undefined || agent === undefined ? null : agentDetail(agent, account.timing);
  }

  async agents(
    accountId: string,
    page: { after: string | null; limit: number },
  ): Promise<port.AgentRecord[]> {
    this.#assertWorking();
    const account = this.#accounts.get(accountId);
    return account === undefined ? [] : readPage(account, page);
  }

  async changes(accountId: string, cursor: string | null): Promise<port.PresenceChanges> {
    this.#assertWorking();
    return readChanges(this.#account(accountId), cursor, this.now());
  }

  async events(account: string, query: port.EventQuery): Promise<VigilEvent[]> {
    this.#assertWorking();
    return readEvents(this.#store, account, query);
  }

  record(accountId: string, entry: EventDraft): Promise<void> {
    return this.#step(accountId, (step, account) => {
      step.emissions.push({
        account: accountId,
        agent: null,
        pushes: [],
        events: [step.log(account, entry)],
      });
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#closeOnce();
    return this.#closed;
  }

  async #closeOnce(): Promise<void> {
    if (this.#commits.failure === null) {
      const step = new Step(this.now());
      this.#saveActivity(step);
      await this.#commits.commit(step);
    }
    await this.#commits.close();
  }

  /** Plain activity is stored with the next sweep, at most a second later. */
  #saveActivity(step: Step): void {
    for (const [agent, account] of this.#unsaved)
      if (account.agents.get(agent.key) === agent) step.saved(account, agent);
    this.#unsaved.clear();
  }

  #account(id: string): Account {
    const known = this.#accounts.get(id);
    if (known !== undefined) return known;
    const account = this.#strange(id);
    this.#accounts.set(id, account);
    return account;
  }

  /** An account that nothing is known of; asking about it must not make it known. */
  #strange(id: string): Account {
    return new Account(id, this.#options, this.#gap.at);
  }

  async #onAgent<T>(
    accountId: string,
    agentId: string,
    unknown: T,
    act: (step: Step, account: Account, agent: Agent) => T,
  ): Promise<T> {
    this.#assertWorking();
    if (this.#accounts.get(accountId)?.agent(agentId) === undefined) return unknown;
    return this.#step(accountId, (step, account) => act(step, account, account.agent(agentId)!));
  }

  async #step<T>(accountId: string, act: (step: Step, account: Account) => T): Promise<T> {
    this.#assertWorking();
    const step = new Step(this.now());
    const account = this.#account(accountId);
    const answer = act(step, account);
    await this.#finish(step, [account]);
    return answer;
  }

  async #finish(step: Step, accounts: Iterable<Account>): Promise<void> {
    for (const account of accounts) this.#due.track(account);
    await this.#commits.commit(step);
  }

  #assertWorking(): void {
    const failure: EngineUnavailable | null = this.#commits.failure;
    if (failure !== null) throw failure;
  }
}
