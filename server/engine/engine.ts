import type { EndReason, EventDraft, VigilEvent } from '../../shared/events.ts';
import type { PolicySettings } from '../../shared/policy.ts';
import type { SessionView } from '../../shared/protocol.ts';
import type { Deliveries } from './deliveries.ts';
import type { AgentPage, EventQuery } from './queries.ts';
import type { Recordings } from './recordings.ts';
import type { AgentDetail, AgentRecord, PresenceChanges } from './records.ts';
import type { AuditRetention } from './shelves.ts';

/**
 * The engine: who has a session, when it is due, and what became of it. It knows no socket and no request.
 *
 * One agent's session is a deadline (`lastActivityAt + timeout`) that input pushes back. Per account there are two
 * queues, and an agent with a live session (a *live* agent) is in exactly one of them:
 *
 * - `waiting`, by `lastActivityAt`: nobody has been told anything;
 * - `warned`, by `endsAt = max(deadlineAt, warnedAt + lead)`: the warning is on every screen.
 *
 * Time is *engine time*: max(the engine's clock, when it last swept), so that it never runs backwards, except for a
 * step of more than a minute, which a sweep takes over (see `sweep`). All moments are epoch milliseconds of it.
 *
 * Every operation is one atomic step: the state, its events and what is to be pushed come about together or not at
 * all. By the time an operation's promise resolves, the step is committed and the relay has been called, in order,
 * with every emission of the step. An operation rejects with `EngineUnavailable` where the engine cannot be reached
 * or cannot store; it throws nothing else. Ids are opaque; accounts see nothing of each other.
 */
export interface Engine {
  /** The engine's clock as this node estimates it, without asking; for `exp`, for dating input, for `serverTime`. */
  now(): number;

  /** Resolves when all of the engine answers, and any part of it takes writes; rejects with EngineUnavailable. */
  ping(): Promise<void>;

  /**
   * Calls back whenever a part of the engine becomes unreachable (`false`), and when all of it is reachable again
   * (`true`). Returns the unsubscriber.
   */
  onLink(listener: (up: boolean) => void): () => void;

  /**
   * Another node told of this. An engine whose store may lose what it acknowledged keeps it for a while. Should it be
   * gone, ends are repeated, with the ids of their events, so that nobody who was told of one is told of another; and what
   * comes in the place of other transitions gets a newer `rev`.
   */
  heard(emission: Emission): void;

  /**
   * A verified token was presented (a socket, an HTTP call). The first sight of a `sid` begins its session:
   *
   * - a `sid` that has ended, also one refused before: `session_ended` with the reason (and its tombstone is kept for
   *   31 more days);
   * - a known `sid` with another `sub`: `token_invalid`;
   * - a login that lies a whole timeout back or more begins nothing: `session_ended`, `timeout`, now and later (no event);
   * - otherwise, for an unknown `sid`: the login counts as activity (never lowering `lastActivityAt`; a `loginAt` ahead
   *   of engine time counts as now). A warned agent who is no longer due for a warning resumes. Emits `session.started`,
   *   and `session` to the agent's other tabs. With more than 50 live `sid`s the oldest login ends (`logout`).
   *
   * A known `sid` goes on; that is no activity. If the token is at least as new (`issuedAt`) as the newest seen for this
   * `sid`, its permissions replace the known ones for all sockets and calls of the `sid` (emits an `access` push where
   * they differ); at least as new as the newest of the agent, its name and auto-assignment count for the agent.
   * An agent is available when first seen with auto-assignment, and keeps what was last set after that (31 days beyond
   * the last session).
   *
   * `tab`: whoever is admitted opens it in the same step, not visible yet, which is no activity. It has a name of its own
   * among all tabs of all nodes, is filed under this node, and vanishes from presence when it is closed, when its login
   * ends or when the node dies.
   */
  admit(login: Login, tab?: string): Promise<Admission>;

  /** What the `session` message says of an agent, for each live login named; for an ended one its end; null where unknown. Begins nothing. */
  sessions(logins: LoginRef[]): Promise<(SessionView | SessionEnd | null)[]>;

  /** Who a `sid` belongs to, alive or ended; null where unknown. */
  session(account: string, sid: string): Promise<SessionStatus | null>;

  /**
   * Tabs that were shown or hidden (`visible`), or closed (`null`). Unknown tabs are ignored. Not activity. Where a part
   * of the engine cannot be reached, the rest is taken all the same (`EngineUnavailable.left`).
   */
  updateTabs(changes: TabChange[]): Promise<void>;

  /**
   * Input, dated in engine time. For each report whose `sid` is alive and belongs to the agent: raises `lastActivityAt`
   * to `min(at, now)`, never lowers it. If the agent was warned: no longer due for a warning → back to `waiting`, emits
   * `session.resumed` and `session`; still due → only `endsAt` moves, emits `session`. Anything else emits nothing.
   * What arrives before the end was carried out counts. Reports of the dead and of strangers are ignored. Where a part of
   * the engine cannot be reached, the rest is taken all the same (`EngineUnavailable.left`): there agents go on being ended.
   */
  touch(reports: TouchReport[]): Promise<void>;

  /**
   * Does what is due, then answers when to come again. In this order:
   *
   * 1. *Gap*: if the last sweep was more than 2.5 s ago, or the engine has just started, everybody in `warned` gets a
   *    whole new lead (`warnedAt` = now; `session.warned` and `warning` again) before anyone is ended. A clock that
   *    stepped back by up to a minute makes engine time stand still; by more, it is taken over as a gap, and activity
   *    that lies in its future becomes now.
   * 2. Per account, *ends*: each head of `warned` whose time has come is judged under the policy of now: no longer due
   *    for a warning → resumes; due later → waits on; else it ends: all its sessions together, reason `timeout`, once;
   *    in auto-assignment and available → unavailable in the same step. Emits `session.ended` (+ `agent.unavailable`).
   * 3. Per account, *warnings*: each head of `waiting` with `lastActivityAt + timeout − lead ≤ now` becomes warned.
   *
   * Bounded in what one call does, account by account, so that a large one starves nobody.
   * Answers the engine time of the next due moment; not later than now if work is left; Infinity if nothing is tracked.
   * It may be early, never late. Concurrent calls (other nodes) are harmless: each transition happens once.
   *
   * `due` leaves out where this node knows of nothing that is due: what other nodes brought about, and everything that
   * only time brings (gaps, leases), is found by the sweep of `all`, which is to come once a second.
   */
  sweep(reach?: 'all' | 'due'): Promise<number>;

  /** Calls back when an operation made something due earlier than the last `sweep` answered. Returns the unsubscriber. */
  onDueSooner(listener: (dueAt: number) => void): () => void;

  /** Ends one login with reason `logout`. An unknown `sid` is refused from then on, too. False if it had already ended. */
  endSession(request: EndRequest): Promise<boolean>;

  /** Ends all sessions of an agent with reason `admin`; in auto-assignment and available → unavailable. False: no such agent. */
  signOut(request: SignOutRequest): Promise<boolean>;

  /**
   * Sets availability, also of an agent who is signed out (31 days). Where nothing changes nothing is written. At most
   * ten changes a minute per agent. Emits `agent.available` / `agent.unavailable` and `session` to the agent's tabs.
   */
  setAvailability(request: AvailabilityRequest): Promise<AvailabilityResult>;

  /** The account's policy; the default where none was ever saved (`version` 0). */
  policy(account: string): Promise<Policy>;

  /**
   * Saves the policy, in force for live sessions at once, however many wait. `ifVersion`: only if the version is still
   * that one. Emits `policy.changed` and a `policy` push; saving what already holds changes nothing and emits nothing.
   */
  setPolicy(request: PolicyRequest): Promise<{ ok: true; policy: Policy } | { ok: false; policy: Policy }>;

  /** Whom a timeout would sign out, if nobody did anything: how many agents are live, due for a warning now, ended within the hour. */
  preview(
    account: string,
    timeoutSeconds: number,
  ): Promise<{ agents: number; dueNow: number; dueWithinHour: number }>;

  /** One agent, live or signed out within 31 days; null where unknown. */
  agent(account: string, agent: string): Promise<AgentDetail | null>;

  /** Live agents in a stable order, those after `after` (the id that a page ended with), at most `limit`. */
  agents(account: string, page: AgentPage): Promise<AgentRecord[]>;

  /**
   * What changed among an account's agents since `cursor`; everybody who is live with a null cursor, or with one that is
   * too old (`reset`). Asking keeps the account watched for 5 s; only then are changes of plain activity remembered.
   */
  changes(account: string, cursor: string | null): Promise<PresenceChanges>;

  /**
   * Audit entries, newest first (`before`) or oldest first (`after`), at most `limit`: as far as they are kept. Of each
   * shelf (shelves.ts) the newest stay, and no entry is told once its age, by engine time, reaches what was set; the sweep
   * then removes it, also where nothing happens any more.
   */
  events(account: string, query: EventQuery): Promise<VigilEvent[]>;

  /** Writes an audit entry that comes with no transition. */
  record(account: string, entry: EventDraft): Promise<void>;

  /** How many agents have a live session, and how many of these are warned, in all accounts. For metrics: asked seldom. */
  totals(): Promise<{ live: number; warned: number }>;

  /** What is owed to those who are told of events elsewhere. */
  readonly deliveries: Deliveries;

  /** Presence over time. */
  readonly recordings: Recordings;

  /** Stops: commits what is uncommitted, closes the store or the link. Further calls reject with EngineUnavailable. */
  close(): Promise<void>;
}

export interface EngineOptions {
  leadMs: number;
  /** Lower bound of the policy in force. */
  minTimeoutMs: number;
  /** Whether what happens is to be delivered (see deliveries.ts). */
  deliver?: boolean;
  /** How much of the audit log is kept; the usual where it is not said. */
  audit?: AuditRetention;
}

/** Told of everything that happens, in order per agent, at least once. The emission counts as told when the promise resolves. */
export type Relay = (emission: Emission) => Promise<void> | void;

export interface Emission {
  account: string;
  /** Null where it concerns the whole account. */
  agent: string | null;
  pushes: Push[];
  events: VigilEvent[];
}

/** What tabs are to hear. `rev` grows with every transition of the agent: whoever holds a newer one drops an older push. */
export type Push =
  | { type: 'session'; session: SessionView }
  | { type: 'warning'; rev: number; deadlineAt: number; endsAt: number }
  | { type: 'ended'; rev: number; sids: string[]; reason: EndReason; endedAt: number }
  | { type: 'access'; sid: string; permissions: Permission[] }
  | { type: 'policy'; policy: Policy };

export const PERMISSIONS = ['manage_security', 'view_presence'] as const;
export type Permission = (typeof PERMISSIONS)[number];

export interface LoginRef {
  account: string;
  agent: string;
  sid: string;
}

export interface Login extends LoginRef {
  /** When the person logged in (`auth_time`, else `iat`). */
  loginAt: number;
  /** When the token was issued (`iat`). */
  issuedAt: number;
  name: string | null;
  permissions: Permission[];
  autoAssign: boolean;
}

export interface SessionEnd {
  state: 'ended';
  reason: EndReason;
  endedAt: number;
}

export type Admission =
  | { ok: true; session: SessionView; permissions: Permission[] }
  | { ok: false; code: 'session_ended'; reason: EndReason }
  | { ok: false; code: 'token_invalid' };

export type SessionStatus =
  | { agent: string | null; live: true; startedAt: number }
  | ({ agent: string | null; live: false } & SessionEnd);

export interface TabRef extends LoginRef {
  /** Unique among all tabs of all nodes. */
  tab: string;
}

export interface TabChange extends TabRef {
  /** Shown or hidden; null: closed. */
  visible: boolean | null;
  /** Since when, in engine time. */
  at: number;
}

export interface TouchReport extends LoginRef {
  /** When the input was, in engine time. */
  at: number;
}

export interface EndRequest {
  account: string;
  sid: string;
  by?: string;
}

export interface SignOutRequest {
  account: string;
  agent: string;
  by: string;
}

export interface AvailabilityRequest {
  account: string;
  agent: string;
  available: boolean;
  by: { cause: 'agent' | 'admin'; id: string };
}
export type AvailabilityResult =
  | { ok: true; available: boolean }
  | { ok: false; code: 'not_found' | 'not_participating' | 'rate_limited' };

export interface Policy extends PolicySettings {
  version: number;
  updatedAt: number | null;
  updatedBy: string | null;
}

export interface PolicyRequest {
  account: string;
  settings: PolicySettings;
  by: string;
  ifVersion?: number;
}

export * from './deliveries.ts';
export * from './queries.ts';
export * from './recordings.ts';
export * from './records.ts';
export * from './rules.ts';
