import type { EventDraft, VigilEvent } from '../../../shared/events.ts';
import type { SessionView } from '../../../shared/protocol.ts';
import type { Clock } from '../../clock.ts';
import type * as port from '../engine.ts';
import { USUAL_RETENTION } from '../shelves.ts';
import { Account } from './account.ts';
import { type Agent, agentDetail, sessionView } from './agent.ts';
import { AuditLog } from './audit.ts';
import { changeAvailability } from './availability.ts';
import { Commits } from './commits.ts';
import { MemoryDeliveries } from './deliveries.ts';
import { DueAccounts } from './due.ts';
import { EngineTime } from './engine-time.ts';
import { loadAccounts } from './loading.ts';
import { refusalOf, sessionOf, statusOf } from './logins.ts';
import { changePolicy, previewTimeout } from './policy.ts';
import { readChanges, readPage, readTotals } from './reading.ts';
import { MemoryRecordings } from './recordings.ts';
import { Step } from './step.ts';
import type { Store, Write } from './store/store.ts';
import { sweepDue } from './sweep.ts';
import { takeTabChanges } from './tabs.ts';
import { takeReports } from './touch.ts';
import * as transition from './transitions.ts';

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
  readonly #time: EngineTime;
  readonly #store: Store;
  readonly #audit: AuditLog;
  readonly #commits: Commits;
  readonly #accounts = new Map<string, Account>();
  readonly #due = new DueAccounts();
  readonly deliveries: MemoryDeliveries;
  readonly recordings: MemoryRecordings;
  /** Agents whose plain activity is not stored yet; the next sweep does. */
  readonly #unsaved = new Map<Agent, Account>();
  #closed: Promise<void> | undefined;

  constructor(options: MemoryEngineOptions) {
    this.#options = options;
    this.#time = new EngineTime(options.clock);
    this.#store = options.store;
    this.#audit = new AuditLog(options.store, options.audit ?? USUAL_RETENTION);
    this.deliveries = new MemoryDeliveries({
      now: this.now,
      known: (id) => this.#known(id),
      step: (id, act) => this.#step(id, act),
      accounts: () => this.#accounts.values(),
      assertWorking: () => this.#assertWorking(),
    });
    this.recordings = new MemoryRecordings({
      store: options.store,
      now: this.now,
      commit: (writes) => this.#commit(new Step(this.now()), writes),
      assertWorking: () => this.#assertWorking(),
    });
    const relay = this.deliveries.listening(options.relay);
    this.#commits = new Commits(options.store, relay, options.log);
  }

  load(): void {
    loadAccounts(this.#store, this.#time, (id) => this.#account(id));
    for (const account of this.#accounts.values()) this.#due.track(account);
    this.deliveries.load();
    this.#audit.load(this.#accounts.values());
    this.recordings.load();
  }

  readonly now = (): number => this.#time.now();
  readonly onLink = () => () => {};

  async ping(): Promise<void> {
    this.#assertWorking();
  }

  /** There is no other node. */
  heard(): void {}
  onDueSooner(listener: (dueAt: number) => void): () => void {
    return this.#due.onSooner(listener);
  }

  admit(login: port.Login, tab?: string): Promise<port.Admission> {
    return this.#step(login.account, (step, account) => {
      const refused = refusalOf(step, account, login);
      if (refused !== null) return refused;
      const known = account.agentOfSid.get(login.sid);
      if (known !== undefined) transition.renewSession(step, account, known, login);
      const agent = known ?? transition.beginSession(step, account, login);
      if (tab !== undefined) {
        transition.openTab(agent, tab, login.sid, step.now);
        account.feed.mark(agent, step.now);
        this.#unsaved.set(agent, account);
      }
      const { permissions } = agent.logins.get(login.sid)!;
      return { ok: true, session: sessionView(agent, account.timing), permissions };
    });
  }

  async sessions(logins: port.LoginRef[]): Promise<(SessionView | port.SessionEnd | null)[]> {
    this.#assertWorking();
    return logins.map((login) => sessionOf(this.#known(login.account), login));
  }

  async session(accountId: string, sid: string): Promise<port.SessionStatus | null> {
    this.#assertWorking();
    return statusOf(this.#known(accountId), sid);
  }

  async updateTabs(changes: port.TabChange[]): Promise<void> {
    this.#assertWorking();
    takeTabChanges(this.now(), changes, this.#accounts, this.#unsaved);
  }

  async touch(reports: port.TouchReport[]): Promise<void> {
    this.#assertWorking();
    const step = new Step(this.now());
    const moved = takeReports(step, reports, this.#accounts, this.#unsaved);
    await this.#finish(step, moved);
  }

  async sweep(): Promise<number> {
    this.#assertWorking();
    const { now, newGap, steppedFrom } = this.#time.sweep();
    if (steppedFrom !== null)
      this.#options.log.warn({ from: steppedFrom, to: now }, 'the clock stepped back; taken over as a gap');
    if (newGap) this.#due.lookAtAll();
    const step = new Step(now);
    sweepDue(step, this.#due, this.#time.gap);
    this.#saveActivity(step);
    const time: Write = { table: 'meta', key: ['time'], value: { latest: now } };
    await this.#commit(step, [time, ...this.#audit.forgotten(now)]);
    return this.#due.answer();
  }

  endSession({ account: id, sid, by }: port.EndRequest): Promise<boolean> {
    return this.#step(id, (step, account) => {
      if (account.tombstones.has(sid)) return false;
      const agent = account.agentOfSid.get(sid);
      if (agent === undefined) transition.bury(step, account, sid, null, 'logout');
      else transition.endSessions(step, account, agent, [sid], 'logout', { by });
      return true;
    });
  }

  signOut({ account: id, agent: agentId, by }: port.SignOutRequest): Promise<boolean> {
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
    return this.#known(accountId).policy;
  }

  setPolicy(request: port.PolicyRequest) {
    return this.#step(request.account, (step, account) => changePolicy(step, account, request));
  }

  async preview(accountId: string, timeoutSeconds: number) {
    this.#assertWorking();
    return previewTimeout(this.#known(accountId), timeoutSeconds, this.now());
  }

  async agent(accountId: string, agentId: string): Promise<port.AgentDetail | null> {
    this.#assertWorking();
    const account = this.#known(accountId);
    const agent = account.agent(agentId);
    return agent === undefined ? null : agentDetail(agent, account.timing);
  }

  async agents(accountId: string, page: port.AgentPage): Promise<port.AgentRecord[]> {
    this.#assertWorking();
    return readPage(this.#known(accountId), page);
  }

  async changes(accountId: string, cursor: string | null): Promise<port.PresenceChanges> {
    this.#assertWorking();
    return readChanges(this.#account(accountId), cursor, this.now());
  }

  async events(account: string, query: port.EventQuery): Promise<VigilEvent[]> {
    this.#assertWorking();
    return this.#audit.read(account, query, this.now());
  }

  async totals(): Promise<{ live: number; warned: number }> {
    this.#assertWorking();
    return readTotals(this.#accounts.values());
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
    const account = this.#known(id);
    this.#accounts.set(id, account);
    return account;
  }

  /** To ask about; where nothing is known of an account, asking does not make it known. */
  #known(id: string): Account {
    return this.#accounts.get(id) ?? new Account(id, this.#options, this.#time.gap);
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
    await this.#commit(step);
  }

  #commit(step: Step, more: Write[] = []): Promise<void> {
    this.#audit.logged(step.changedAccounts);
    return this.#commits.commit(step, more);
  }

  #assertWorking(): void {
    if (this.#commits.failure !== null) throw this.#commits.failure;
  }
}
