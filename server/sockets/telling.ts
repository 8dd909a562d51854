import type { EndedMessage, SessionView, WarningMessage } from '../../shared/protocol.ts';
import type { Clock } from '../clock.ts';
import { type Engine, EngineUnavailable, type Push, type SessionEnd } from '../engine/engine.ts';
import type { SocketCounts, SocketLog } from './counts.ts';
import { DueQueue } from './due-queue.ts';
import { breathe } from './pieces.ts';
import { asMessage, type Tab } from './tab.ts';
import type { LocalAgent, TabRegistry } from './tab-registry.ts';
import { AGAIN_MS, HASTE_MS, isPressing, nextCheckAt } from './told.ts';

/** A push that concerns the tabs of one agent. */
export type AgentPush = Extract<Push, { type: 'session' | 'warning' | 'ended' }>;

/** How long an answer is doubted that says less than what was told, and how often it is asked for again meanwhile. */
const DOUBT_MS = 2_000;
const DOUBT_LOOK_MS = 200;

/** Logins in one question to the engine. */
const CHUNK = 200;

export interface TellingOptions {
  engine: Engine;
  registry: TabRegistry;
  clock: Clock;
  counts: SocketCounts;
  log: SocketLog;
}

/**
 * Tells the tabs of this node what has become of their session: what is pushed, at once; and what nobody pushes (plain
 * activity that moved the deadline, a push that was lost) by looking again when the moment comes that was told last.
 */
export class Telling {
  readonly #options: TellingOptions;
  readonly #checks: DueQueue<LocalAgent>;

  constructor(options: TellingOptions) {
    this.#options = options;
    this.#checks = new DueQueue({
      clock: options.clock,
      now: () => options.engine.now(),
      gapMs: 20,
      run: (due) => void this.#check(due),
    });
  }

  /** A push of this or another node: to all local tabs, now. */
  deliver(account: string, id: string, push: AgentPush): void {
    const agent = this.#options.registry.find(account, id);
    if (agent === undefined) return;
    agent.pushes += 1;
    agent.news += 1;
    // An end belongs to logins that never live again: a late one can hit nobody else.
    if (push.type === 'ended') this.#end(agent, push.sids, push);
    // Two servers took themselves for the master: the engine, asked about that, says something newer than both.
    else if (agent.contradicts(essenceOf(push))) this.#doubt(agent);
    else if (push.type === 'session' ? agent.isAheadOf(push.session) : push.rev < agent.rev)
      this.#options.counts.dropped('stale_push');
    else if (push.type === 'session') this.#tellAll(agent, push.session);
    else this.#warn(agent, push);
  }

  #doubt(agent: LocalAgent): void {
    this.#options.counts.dropped('stale_push');
    this.lookAgain(agent);
  }

  /** The engine's answer to a tab that opened, asked for when `pushes` pushes had come by. */
  opened(agent: LocalAgent, tab: Tab, view: SessionView, pushes: number): void {
    tab.isOpen = true;
    agent.news += 1;
    const isOld = view.rev < agent.rev || agent.contradicts(essenceOf({ type: 'session', session: view }));
    const missed = isOld || (agent.pushes !== pushes && !agent.knows(view));
    if (view.rev > agent.rev) this.#tellAll(agent, view);
    else if (!missed) {
      agent.toldOne(view);
      tab.session(asMessage(view, this.#serverTime()));
      this.#schedule(agent);
    }
    // Something was pushed meanwhile that the answer may not hold yet, and that the tab did not hear.
    if (missed) this.lookAgain(agent);
  }

  /** The session of this tab was found ended. */
  foundEnded(agent: LocalAgent, tab: Tab, end: SessionEnd): void {
    this.#end(agent, [tab.sid], { rev: agent.rev, ...end });
  }

  /**
   * Whether input of this agent decides what happens next: it is warned, or is about to be. Then, where the input only
   * moves the deadline, its tabs are told soon.
   */
  isPressing(agent: LocalAgent): boolean {
    const now = this.#options.engine.now();
    if (!isPressing(agent, now)) return false;
    if (!agent.warned) this.#checks.hasten(agent, now + HASTE_MS);
    return true;
  }

  /** Its tabs may have missed something: the engine is asked, and they are told. */
  lookAgain(agent: LocalAgent): void {
    agent.missed();
    this.#checks.hasten(agent, this.#options.engine.now());
  }

  /** The last tab of this agent has left. */
  forget(agent: LocalAgent): void {
    this.#checks.delete(agent);
  }

  /** Asks the engine and tells all tabs of these agents; with `unlessTold` only where that is news. */
  async reread(agents: LocalAgent[], { unlessTold = false } = {}): Promise<void> {
    for (const chunk of chunked(agents)) {
      const asked = chunk.map((agent) => ({
        agent,
        news: agent.news,
        tabs: [...agent.logins().values()],
      }));
      const answers = await this.#options.engine.sessions(
        asked.flatMap(({ tabs }) => tabs.map(({ login }) => login)),
      );
      let next = 0;
      for (const { agent, news, tabs } of asked) {
        const own = answers.slice(next, next + tabs.length);
        next += tabs.length;
        this.#heed(agent, tabs, own, { unlessTold, overtaken: agent.news !== news });
      }
      await breathe();
    }
  }

  close(): void {
    this.#checks.close();
  }

  #heed(
    agent: LocalAgent,
    tabs: Tab[],
    answers: (SessionView | SessionEnd | null)[],
    { unlessTold, overtaken }: { unlessTold: boolean; overtaken: boolean },
  ): void {
    let view: SessionView | undefined;
    for (const [i, answer] of answers.entries()) {
      if (answer === null || answer === undefined) this.#sendAway(agent, tabs[i]!.sid);
      else if (answer.state === 'ended') this.foundEnded(agent, tabs[i]!, answer);
      else view = answer;
    }
    if (agent.tabs.length === 0) return;
    // Something was told while the engine was asked: its answer may be older, so it is asked again.
    if (view === undefined || overtaken) {
      this.#checks.set(agent, this.#options.engine.now() + HASTE_MS);
      return;
    }
    if (this.#doubts(agent, view)) {
      this.#checks.set(agent, this.#options.engine.now() + DOUBT_LOOK_MS);
      return;
    }
    agent.news += 1;
    if (unlessTold && agent.knows(view)) this.#schedule(agent);
    else this.#tellAll(agent, view);
  }

  /** Tabs drop what is older than what they were told: for a moment the engine may not have mended that it lacks it. */
  #doubts(agent: LocalAgent, view: SessionView): boolean {
    const isOlder = view.rev < agent.rev || agent.contradicts(essenceOf({ type: 'session', session: view }));
    const now = this.#options.engine.now();
    agent.doubtedAt = isOlder ? (agent.doubtedAt ?? now) : null;
    return agent.doubtedAt !== null && Math.abs(now - agent.doubtedAt) < DOUBT_MS;
  }

  #tellAll(agent: LocalAgent, view: SessionView): void {
    agent.told(view);
    const message = asMessage(view, this.#serverTime());
    for (const tab of agent.tabs) if (tab.isOpen) tab.session(message);
    this.#schedule(agent);
  }

  #warn(agent: LocalAgent, { rev, deadlineAt, endsAt }: Omit<WarningMessage, 'serverTime'>): void {
    agent.warn(rev, endsAt);
    const message = { rev, deadlineAt, endsAt, serverTime: this.#serverTime() };
    for (const tab of agent.tabs) if (tab.isOpen) tab.warning(message);
    this.#schedule(agent);
  }

  #end(agent: LocalAgent, sids: string[], { rev, reason, endedAt }: EndedMessage): void {
    const ended = new Set(sids);
    // Nobody may drop it for being older than what its tabs were told of the agent's other logins.
    const message = { rev: Math.max(rev, agent.rev), reason, endedAt };
    const overtook = rev > agent.rev + 1;
    agent.rev = message.rev;
    for (const tab of agent.tabs) if (ended.has(tab.sid)) tab.ended(message);
    // What came before it is taken for old from now on, and the tabs of other logins have not heard it.
    if (overtook && agent.tabs.length > 0) this.lookAgain(agent);
  }

  /** The engine does not know this login (its data was lost): with its token it may begin again, or is told why not. */
  #sendAway(agent: LocalAgent, sid: string): void {
    for (const tab of agent.tabs) {
      if (tab.sid !== sid || !tab.isOpen) continue;
      tab.reconnect(0);
      tab.disconnect();
    }
  }

  async #check(due: LocalAgent[]): Promise<void> {
    // Whatever comes of it, they are looked at again.
    for (const agent of due) this.#schedule(agent);
    try {
      await this.reread(due, { unlessTold: true });
    } catch (error) {
      // Those who missed something do not wait until what they were told has passed.
      const soon = this.#options.engine.now() + AGAIN_MS;
      for (const agent of due) if (agent.isBehind) this.#checks.hasten(agent, soon);
      if (error instanceof EngineUnavailable) return;
      this.#options.log.error({ err: error }, 'sessions could not be checked');
    }
  }

  #schedule(agent: LocalAgent): void {
    if (agent.tabs.length === 0) return;
    const at = nextCheckAt(agent, this.#options.engine.now());
    // A tab that missed something waits for a look that is due at once: what another one was told does not put it off.
    if (agent.isBehind) this.#checks.hasten(agent, at);
    else this.#checks.set(agent, at);
  }

  #serverTime(): number {
    return Math.floor(this.#options.engine.now());
  }
}

function essenceOf(push: Exclude<AgentPush, { type: 'ended' }>): { rev: number; isWarned: boolean } {
  if (push.type === 'warning') return { rev: push.rev, isWarned: true };
  return { rev: push.session.rev, isWarned: push.session.state === 'warning' };
}

/** Groups of agents with about as many logins as one question holds. */
function* chunked(agents: LocalAgent[]): Generator<LocalAgent[]> {
  let chunk: LocalAgent[] = [];
  let logins = 0;
  for (const agent of agents) {
    if (agent.tabs.length === 0) continue;
    chunk.push(agent);
    logins += agent.logins().size;
    if (logins < CHUNK) continue;
    yield chunk;
    chunk = [];
    logins = 0;
  }
  if (chunk.length > 0) yield chunk;
}
