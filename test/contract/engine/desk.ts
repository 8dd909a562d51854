import { expect } from 'chai';
import type {
  Admission,
  AgentDetail,
  AvailabilityResult,
  Engine,
  EngineOptions,
  Login,
  LoginRef,
  Policy,
  Push,
  SessionEnd,
} from '../../../server/engine/engine.ts';
import type { EventType, VigilEvent } from '../../../shared/events.ts';
import type { SessionView } from '../../../shared/protocol.ts';
import { type EngineHarness, LEAD, MIN_TIMEOUT, type OpenEngine, SECOND } from './harness.ts';

let accounts = 0;

/** One account of an engine under test, and a sweeper that runs only while a test lets time pass. */
export class Desk {
  readonly harness: EngineHarness;
  readonly account: string;
  private sids = 0;

  constructor(harness: EngineHarness, account?: string) {
    accounts += 1;
    this.harness = harness;
    this.account = account ?? `account-${process.pid}-${accounts}`;
  }

  get engine(): Engine {
    return this.harness.engine;
  }

  /** Engine time. */
  get now(): number {
    return this.engine.now();
  }

  /** Another account on the same engine. */
  elsewhere(account?: string): Desk {
    return new Desk(this.harness, account);
  }

  close(): Promise<void> {
    return this.harness.close();
  }

  // What people do.

  token(agent: string, claims: Partial<Login> = {}): Login {
    this.sids += 1;
    const now = this.now;
    return {
      account: this.account,
      agent,
      sid: `sid-${this.sids}`,
      loginAt: now,
      issuedAt: now,
      name: null,
      permissions: [],
      autoAssign: false,
      ...claims,
    };
  }

  /** A token is presented; whatever comes of it. */
  admit(login: Login): Promise<Admission> {
    return this.engine.admit(login);
  }

  /** A login that must succeed. */
  async login(agent: string, claims: Partial<Login> = {}): Promise<Login> {
    const login = this.token(agent, claims);
    const admission = await this.admit(login);
    expect(admission.ok, JSON.stringify(admission)).to.equal(true);
    return login;
  }

  /** Input in one of the login's tabs, now or at the moment given. */
  type({ account, agent, sid }: LoginRef, at = this.now): Promise<void> {
    return this.engine.touch([{ account, agent, sid, at }]);
  }

  logout({ account, sid }: LoginRef): Promise<boolean> {
    return this.engine.endSession({ account, sid });
  }

  signOut(agent: string, by = 'boss'): Promise<boolean> {
    return this.engine.signOut({ account: this.account, agent, by });
  }

  /** A tab presents the token of its login. */
  openTab(login: Login, tab: string): Promise<Admission> {
    return this.engine.admit(login, tab);
  }

  /** Shows, hides or closes (null) a tab. */
  turnTab({ account, agent, sid }: LoginRef, tab: string, visible: boolean | null): Promise<void> {
    return this.engine.updateTabs([{ account, agent, sid, tab, visible, at: this.now }]);
  }

  setAvailable(
    agent: string,
    available: boolean,
    cause: 'agent' | 'admin' = 'agent',
  ): Promise<AvailabilityResult> {
    const by = { cause, id: cause === 'admin' ? 'boss' : agent };
    return this.engine.setAvailability({ account: this.account, agent, available, by });
  }

  async setTimeout(ms: number): Promise<Policy> {
    const { rememberMe } = await this.engine.policy(this.account);
    const settings = { timeoutSeconds: ms / SECOND, rememberMe };
    return (await this.engine.setPolicy({ account: this.account, settings, by: 'boss' })).policy;
  }

  // How time passes.

  /** Sweeps until nothing is left to do now; answers when to come again. */
  async sweep(): Promise<number> {
    for (let calls = 0; calls < 1_000; calls += 1) {
      const dueAt = await this.engine.sweep();
      if (dueAt > this.now) return dueAt;
    }
    throw new Error('the sweep finds work again and again');
  }

  /** Lets time pass with a sweeper that sleeps until the next due moment, at most a second. */
  async pass(ms: number): Promise<void> {
    const { clock } = this.harness;
    const until = clock.now() + ms;
    for (;;) {
      const dueAt = await this.sweep();
      const left = until - clock.now();
      if (left <= 0) return;
      clock.advance(Math.min(SECOND, left, Math.max(1, Math.ceil(dueAt - clock.now()))));
    }
  }

  /** Lets time pass that nobody watches. */
  leap(ms: number): void {
    this.harness.clock.advance(ms);
  }

  /** Sits still until the agent is warned; answers the session then. */
  async idleUntilWarned(login: LoginRef): Promise<SessionView> {
    const { warnAt } = await this.view(login);
    this.leap(Math.max(0, warnAt - this.now));
    await this.sweep();
    const view = await this.view(login);
    expect(view.state).to.equal('warning');
    return view;
  }

  // What can be seen.

  async look(login: LoginRef): Promise<SessionView | SessionEnd | null> {
    const { account, agent, sid } = login;
    const [seen] = await this.engine.sessions([{ account, agent, sid }]);
    return seen ?? null;
  }

  /** The session of a login that must be alive. */
  async view(login: LoginRef): Promise<SessionView> {
    const seen = await this.look(login);
    if (seen === null || seen.state === 'ended') throw new Error(`not alive: ${JSON.stringify(seen)}`);
    return seen;
  }

  /** How a login ended that must have ended. */
  async end(login: LoginRef): Promise<SessionEnd> {
    const seen = await this.look(login);
    if (seen?.state !== 'ended') throw new Error(`has not ended: ${JSON.stringify(seen)}`);
    return seen;
  }

  async agent(agent: string): Promise<AgentDetail> {
    const found = await this.engine.agent(this.account, agent);
    if (found === null) throw new Error(`no agent ${agent}`);
    return found;
  }

  /** Events of this account that the relay was told since `forget`, each once, in their order. */
  events(agent?: string): VigilEvent[] {
    const byId = new Map<string, VigilEvent>();
    for (const emission of this.emissions()) {
      for (const event of emission.events) {
        if (agent === undefined || ('agent' in event.data && event.data.agent === agent))
          byId.set(event.id, event);
      }
    }
    return [...byId.values()];
  }

  eventTypes(agent?: string): EventType[] {
    return this.events(agent).map((event) => event.type);
  }

  /** Events of one type, with that type's data. */
  eventsOf<T extends EventType>(type: T, agent?: string): VigilEvent<T>[] {
    return this.events(agent).filter((event) => event.type === type) as VigilEvent<T>[];
  }

  /** Pushes of one type since `forget`, for an agent or (null) for the whole account. */
  pushes<T extends Push['type']>(type: T, agent: string | null): Extract<Push, { type: T }>[] {
    return this.emissions()
      .filter((emission) => emission.agent === agent)
      .flatMap((emission) => emission.pushes)
      .filter((push): push is Extract<Push, { type: T }> => push.type === type);
  }

  emissions() {
    return this.harness.emissions.filter((emission) => emission.account === this.account);
  }

  /** From here on only what is new is seen. */
  forget(): void {
    this.harness.emissions.length = 0;
  }
}

/** Opens an engine for each test of the describe block around it; answers the desk of the test that runs. */
export function deskForEach(open: OpenEngine, more: Partial<EngineOptions> = {}): () => Desk {
  let desk: Desk | undefined;
  beforeEach(async () => {
    desk = new Desk(await open({ leadMs: LEAD, minTimeoutMs: MIN_TIMEOUT, ...more }));
  });
  afterEach(async () => {
    await desk?.close();
    desk = undefined;
  });
  return () => desk as Desk;
}
