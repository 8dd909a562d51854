import type { Timing } from '../../../shared/deadline.ts';
import type { EndReason } from '../../../shared/events.ts';
import { DEFAULT_POLICY } from '../../../shared/policy.ts';
import {
  type DeadLetter,
  type DeliveryFailing,
  type EngineOptions,
  type Policy,
  RETENTION_MS,
} from '../engine.ts';
import { accountMark, encodeId, eventId } from '../ids.ts';
import { Agent, type AgentRow } from './agent.ts';
import { ChangeFeed } from './change-feed.ts';
import type { Gap } from './engine-time.ts';
import { ScoredQueue } from './queue.ts';

/** The memory of a `sid` that never lives again. `agent` is null where it ended before it was ever seen. */
export interface Tombstone {
  agent: string | null;
  reason: EndReason;
  endedAt: number;
  keepUntil: number;
}

export interface AccountRow {
  id: string;
  policy: Policy | null;
  lastEvent: { ms: number; seq: number };
  delivery?: Delivery | null;
}

/** What the account owes those who are told of its events. */
export interface Delivery {
  /** Id of the event up to which everything is settled. */
  after: string;
  failing: DeliveryFailing | null;
  retryAt: number;
  owedSince: number;
}

const NO_POLICY: Policy = { ...DEFAULT_POLICY, version: 0, updatedAt: null, updatedBy: null };

/** Everything of one account. Plain state: what happens to it stands in transitions.ts and sweep.ts. */
export class Account {
  readonly id: string;
  readonly key: string;
  readonly #options: EngineOptions;
  storedPolicy: Policy | null = null;
  lastEvent = { ms: 0, seq: 0 };
  /** Null where nothing was ever to be delivered. */
  delivery: Delivery | null = null;
  /** By the id of the event. */
  readonly deadLetters = new Map<string, DeadLetter>();
  readonly #mark: string;
  /** Agents by the ordered form of their id, also those signed out in the last 31 days. */
  readonly agents = new Map<string, Agent>();
  readonly agentOfSid = new Map<string, Agent>();
  readonly tombstones = new Map<string, Tombstone>();
  /** Live agents by lastActivityAt. */
  readonly waiting = new ScoredQueue();
  /** Live agents by the moment at which they are to be looked at, normally endsAt. */
  readonly warned = new ScoredQueue();
  /** Signed-out agents and tombstones by the end of their retention. */
  readonly departed = new ScoredQueue();
  readonly buried = new ScoredQueue();
  readonly feed = new ChangeFeed();
  /** The last gap that everybody in `warned` has been marked for. */
  gapSeen: Gap;

  constructor(id: string, options: EngineOptions, gapSeen: Gap) {
    this.gapSeen = gapSeen;
    this.id = id;
    this.key = encodeId(id);
    this.#mark = accountMark(this.key);
    this.#options = options;
  }

  get policy(): Policy {
    return this.storedPolicy ?? NO_POLICY;
  }

  /** The policy in force: the larger of what is stored and the minimum. */
  get timing(): Timing {
    return this.timingFor(this.policy.timeoutSeconds);
  }

  timingFor(timeoutSeconds: number): Timing {
    const { leadMs, minTimeoutMs } = this.#options;
    return { timeoutMs: Math.max(timeoutSeconds * 1000, minTimeoutMs), leadMs };
  }

  agent(id: string): Agent | undefined {
    return this.agents.get(encodeId(id));
  }

  liveAgents(): Agent[] {
    return [...this.agents.values()].filter((agent) => agent.live);
  }

  get liveCount(): number {
    return this.waiting.size + this.warned.size;
  }

  /** The next moment at which something here is due; Infinity where nothing is. */
  nextDueAt(): number {
    const { timeoutMs, leadMs } = this.timing;
    return Math.min(
      this.warned.headScore(),
      this.waiting.headScore() + timeoutMs - leadMs,
      this.departed.headScore(),
      this.buried.headScore(),
    );
  }

  get lastEventId(): string {
    return eventId(this.lastEvent.ms, this.lastEvent.seq, this.#mark);
  }

  nextEventId(now: number): string {
    if (this.#options.deliver) this.#owe(this.lastEventId, now);
    const { ms, seq } = this.lastEvent;
    this.lastEvent = now > ms ? { ms: now, seq: 0 } : { ms, seq: seq + 1 };
    return this.lastEventId;
  }

  /** Whatever follows that event is owed. */
  #owe(after: string, now: number): void {
    this.delivery ??= { after, failing: null, retryAt: 0, owedSince: now };
    if (this.delivery.after === after) this.delivery.owedSince = now;
  }

  bury(sid: string, tombstone: Tombstone): void {
    this.tombstones.set(sid, tombstone);
    this.buried.set(sid, tombstone.keepUntil);
  }

  toRow(): AccountRow {
    return { id: this.id, policy: this.storedPolicy, lastEvent: this.lastEvent, delivery: this.delivery };
  }

  restore(row: AccountRow): void {
    this.storedPolicy = row.policy;
    this.lastEvent = row.lastEvent;
    this.delivery = row.delivery ?? null;
  }

  /** Takes a stored agent back, whose tabs, if any, left with the last process. */
  restoreAgent(row: AgentRow, now: number): void {
    const agent = Agent.fromRow(row, now);
    this.agents.set(agent.key, agent);
    for (const sid of agent.logins.keys()) this.agentOfSid.set(sid, agent);
    if (agent.signedOutAt !== null) this.departed.set(agent.key, agent.signedOutAt + RETENTION_MS);
    else if (agent.warnedAt === null) this.waiting.set(agent.key, agent.lastActivityAt);
    else this.warned.set(agent.key, 0);
  }
}
