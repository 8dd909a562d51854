import { endsAtOf, warnAtOf } from '../../../shared/deadline.ts';
import type { EndReason, EventDraft } from '../../../shared/events.ts';
import {
  inactivityOf,
  type Login,
  MAX_SESSIONS,
  type Permission,
  type Push,
  RETENTION_MS,
} from '../engine.ts';
import type { Account, Tombstone } from './account.ts';
import { Agent, sessionView } from './agent.ts';
import type { Step } from './step.ts';

const HOUR_MS = 3_600_000;

/** What can become of an agent. Each function is part of one atomic step at `step.now`. */

export function sessionPush(account: Account, agent: Agent): Push {
  return { type: 'session', session: sessionView(agent, account.timing) };
}

/** An unknown `sid` begins: the login counts as activity. */
export function beginSession(step: Step, account: Account, login: Login): Agent {
  const agent = account.agent(login.agent) ?? new Agent(login.agent);
  const loginAt = Math.min(login.loginAt, step.now);
  account.agents.set(agent.key, agent);
  if (!agent.live) enqueue(step, account, agent);
  agent.logins.set(login.sid, {
    startedAt: loginAt,
    issuedAt: login.issuedAt,
    permissions: login.permissions,
  });
  account.agentOfSid.set(login.sid, agent);
  adoptClaims(agent, login);
  const drafts: EventDraft[] = [
    { type: 'session.started', data: { agent: agent.id, session: login.sid, loginAt } },
    ...raiseActivity(step, account, agent, loginAt).events,
  ];
  agent.rev += 1;
  step.emit(account, agent, [sessionPush(account, agent)], drafts);
  if (agent.logins.size > MAX_SESSIONS) {
    const [oldest] = agent.loginsByAge().find(([sid]) => sid !== login.sid)!;
    endSessions(step, account, agent, [oldest], 'logout', {});
  }
  return agent;
}

function enqueue(step: Step, account: Account, agent: Agent): void {
  // Somebody signed out stood still while the clock was set back: what then lies in the future becomes now.
  agent.lastActivityAt = Math.min(agent.lastActivityAt, step.now);
  agent.signedOutAt = null;
  agent.warnedAt = null;
  account.departed.delete(agent.key);
  account.waiting.set(agent.key, agent.lastActivityAt);
}

/** A known `sid` was presented again, maybe with a newer token. */
export function renewSession(step: Step, account: Account, agent: Agent, login: Login): void {
  const live = agent.logins.get(login.sid)!;
  const pushes: Push[] = [];
  // Also where it says nothing new: after a restart an older token must not count as the newest.
  if (login.issuedAt > Math.min(live.issuedAt, agent.tokenAt)) step.saved(account, agent);
  if (login.issuedAt >= live.issuedAt) {
    live.issuedAt = login.issuedAt;
    if (!samePermissions(live.permissions, login.permissions)) {
      live.permissions = login.permissions;
      pushes.push({ type: 'access', sid: login.sid, permissions: login.permissions });
    }
  }
  const { name, shownAvailable } = agent;
  adoptClaims(agent, login);
  if (agent.shownAvailable !== shownAvailable) {
    agent.rev += 1;
    pushes.push(sessionPush(account, agent));
  }
  if (pushes.length > 0) step.emit(account, agent, pushes, []);
  else if (agent.name !== name) step.changed(account, agent);
}

/** The newest token of the agent decides on name and auto-assignment; a token without a name takes none away. */
function adoptClaims(agent: Agent, login: Login): void {
  if (login.issuedAt < agent.tokenAt) return;
  agent.tokenAt = login.issuedAt;
  agent.name = login.name ?? agent.name;
  agent.autoAssign = login.autoAssign;
  if (agent.autoAssign) agent.available ??= true;
}

function samePermissions(a: Permission[], b: Permission[]): boolean {
  return a.length === b.length && a.every((permission) => b.includes(permission));
}

/** Input or a login at `at`: never lowers; a warned agent resumes, or only its end moves where the warning stays due. */
export function raiseActivity(
  step: Step,
  account: Account,
  agent: Agent,
  at: number,
): { raised: boolean; moved: boolean; events: EventDraft[] } {
  if (at <= agent.lastActivityAt) return { raised: false, moved: false, events: [] };
  agent.lastActivityAt = at;
  if (agent.warnedAt === null) {
    account.waiting.set(agent.key, at);
    return { raised: true, moved: false, events: [] };
  }
  if (warnAtOf(at, account.timing) > step.now) {
    return { raised: true, moved: true, events: [leaveWarned(account, agent)] };
  }
  account.warned.set(agent.key, endsAtOf(at, agent.warnedAt, account.timing));
  return { raised: true, moved: true, events: [] };
}

/** From `warned` back to `waiting`. */
function leaveWarned(account: Account, agent: Agent): EventDraft {
  agent.warnedAt = null;
  account.warned.delete(agent.key);
  account.waiting.set(agent.key, agent.lastActivityAt);
  const { lastActivityAt, deadlineAt } = sessionView(agent, account.timing);
  return { type: 'session.resumed', data: { agent: agent.id, lastActivityAt, deadlineAt } };
}

export function resume(step: Step, account: Account, agent: Agent): void {
  const event = leaveWarned(account, agent);
  agent.rev += 1;
  step.emit(account, agent, [sessionPush(account, agent)], [event]);
}

/** Into `warned`, or anew with a whole lead. */
export function warn(step: Step, account: Account, agent: Agent): void {
  agent.warnedAt = step.now;
  agent.rev += 1;
  const { rev, lastActivityAt, deadlineAt, endsAt } = sessionView(agent, account.timing);
  account.waiting.delete(agent.key);
  account.warned.set(agent.key, endsAt);
  step.emit(
    account,
    agent,
    [{ type: 'warning', rev, deadlineAt, endsAt }],
    [{ type: 'session.warned', data: { agent: agent.id, lastActivityAt, deadlineAt, endsAt } }],
  );
}

/** Ends some or all sessions of an agent, once and for good. */
export function endSessions(
  step: Step,
  account: Account,
  agent: Agent,
  sids: string[],
  reason: EndReason,
  { by }: { by?: string | undefined },
): void {
  const { now } = step;
  const inactivity =
    reason === 'timeout' ? inactivityOf({ tabs: agent.tabs.size, visibleTabs: agent.visibleTabs }) : null;
  for (const sid of sids) {
    bury(step, account, sid, agent.id, reason);
    agent.logins.delete(sid);
    account.agentOfSid.delete(sid);
  }
  for (const [tab, { sid }] of agent.tabs) if (!agent.logins.has(sid)) closeTab(agent, tab, now);
  const drafts: EventDraft[] = [
    {
      type: 'session.ended',
      data: {
        agent: agent.id,
        sessions: sids,
        reason,
        inactivity,
        lastActivityAt: agent.lastActivityAt,
        ...(by === undefined ? {} : { by }),
      },
    },
  ];
  if (!agent.live) {
    agent.signedOutAt = now;
    agent.warnedAt = null;
    account.waiting.delete(agent.key);
    account.warned.delete(agent.key);
    account.departed.set(agent.key, now + RETENTION_MS);
    if (reason !== 'logout' && agent.shownAvailable === true) {
      agent.available = false;
      const cause = reason === 'admin' ? 'admin' : 'timeout';
      drafts.push({
        type: 'agent.unavailable',
        data: { agent: agent.id, cause, ...(by === undefined ? {} : { by }) },
      });
    }
  }
  agent.rev += 1;
  step.emit(account, agent, [{ type: 'ended', rev: agent.rev, sids, reason, endedAt: now }], drafts);
}

/** From now on the `sid` is refused. */
export function bury(
  step: Step,
  account: Account,
  sid: string,
  agent: string | null,
  reason: EndReason,
): void {
  setTombstone(step, account, sid, { agent, reason, endedAt: step.now, keepUntil: 0 });
}

/** Seen again: kept for 31 more days. Written at most once an hour, however often it is tried. */
export function keepTombstone(step: Step, account: Account, sid: string, tombstone: Tombstone): void {
  if (step.now + RETENTION_MS > tombstone.keepUntil) setTombstone(step, account, sid, tombstone);
}

function setTombstone(step: Step, account: Account, sid: string, tombstone: Tombstone): void {
  const kept = { ...tombstone, keepUntil: step.now + RETENTION_MS + HOUR_MS };
  account.bury(sid, kept);
  step.buried(account, sid, kept);
}

export function openTab(agent: Agent, tab: string, sid: string, now: number): void {
  if (agent.tabs.size === 0) agent.hiddenAt = now;
  agent.tabs.set(tab, { sid, visible: false, since: now });
}

export function showTab(agent: Agent, tab: string, visible: boolean, at: number): void {
  const open = agent.tabs.get(tab);
  if (open === undefined) return;
  agent.tabs.set(tab, { ...open, visible, since: at });
  agent.leftAt = null;
  agent.hiddenAt = agent.visibleTabs > 0 ? null : (agent.hiddenAt ?? at);
}

export function closeTab(agent: Agent, tab: string, now: number): void {
  const visibleBefore = agent.visibleTabs > 0;
  if (!agent.tabs.delete(tab)) return;
  if (agent.visibleTabs === 0 && visibleBefore) agent.hiddenAt = now;
  if (agent.tabs.size === 0) {
    agent.leftVisible = visibleBefore;
    agent.leftAt = now;
  }
}
