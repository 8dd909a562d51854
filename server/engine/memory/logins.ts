import type { SessionView } from '../../../shared/protocol.ts';
import type { Admission, Login, LoginRef, SessionEnd, SessionStatus } from '../engine.ts';
import type { Account } from './account.ts';
import { sessionView } from './agent.ts';
import type { Step } from './step.ts';
import { bury, keepTombstone } from './transitions.ts';

/** Why a login is not admitted; null where it is. */
export function refusalOf(step: Step, account: Account, login: Login): Admission | null {
  const tombstone = account.tombstones.get(login.sid);
  if (tombstone !== undefined) {
    if (tombstone.agent !== null && tombstone.agent !== login.agent)
      return { ok: false, code: 'token_invalid' };
    keepTombstone(step, account, login.sid, tombstone);
    return { ok: false, code: 'session_ended', reason: tombstone.reason };
  }
  const owner = account.agentOfSid.get(login.sid);
  if (owner !== undefined) return owner.id === login.agent ? null : { ok: false, code: 'token_invalid' };
  if (login.loginAt + account.timing.timeoutMs > step.now) return null;
  bury(step, account, login.sid, login.agent, 'timeout');
  return { ok: false, code: 'session_ended', reason: 'timeout' };
}

/** What an agent's tab is told of its login. */
export function sessionOf(
  account: Account,
  { agent: agentId, sid }: LoginRef,
): SessionView | SessionEnd | null {
  const agent = account.agentOfSid.get(sid);
  if (agent?.id === agentId) return sessionView(agent, account.timing);
  const tombstone = account.tombstones.get(sid);
  if (tombstone === undefined || (tombstone.agent !== null && tombstone.agent !== agentId)) return null;
  return { state: 'ended', reason: tombstone.reason, endedAt: tombstone.endedAt };
}

/** Whose login it is or was. */
export function statusOf(account: Account, sid: string): SessionStatus | null {
  const agent = account.agentOfSid.get(sid);
  if (agent !== undefined)
    return { agent: agent.id, live: true, startedAt: agent.logins.get(sid)!.startedAt };
  const tombstone = account.tombstones.get(sid);
  if (tombstone === undefined) return null;
  const { agent: owner, reason, endedAt } = tombstone;
  return { agent: owner, live: false, state: 'ended', reason, endedAt };
}
