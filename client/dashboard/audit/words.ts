import type { PolicyInEvent, VigilEvent } from '../../../shared/events.ts';
import { clockTime, longDuration } from '../core/moments.ts';
import { texts } from '../texts.ts';

/** Events of the audit log in words. Types that this page does not know keep their own name. */
export function eventName(type: string): string {
  return texts.audit.types[type] ?? type;
}

/** The agent that an event is about; null where it is about the account. */
export function eventAgent(event: VigilEvent): string | null {
  if ('agent' in event.data) return event.data.agent;
  if (event.type === 'access.refused' || event.type === 'audit.exported') return event.data.by;
  return null;
}

/** Why it happened, and by whom. */
export function eventCause(event: VigilEvent, now: number, nameOf: (agent: string) => string): string {
  const { cause } = texts.audit;
  const at = (moment: number) => texts.time.at(clockTime(moment, now));
  switch (event.type) {
    case 'session.started':
      return cause.loggedIn(at(event.data.loginAt));
    case 'session.warned':
      return cause.warnedUntil(clockTime(event.data.lastActivityAt, now));
    case 'session.resumed':
      return cause.lastInput(at(event.data.lastActivityAt));
    case 'session.ended':
      return endCause(event, now, nameOf);
    case 'agent.available':
    case 'agent.unavailable': {
      if (event.data.cause === 'timeout') return cause.byTimeout;
      if (event.data.cause === 'agent') return cause.byAgent;
      return cause.byAdmin(event.data.by === undefined ? texts.unknown : nameOf(event.data.by));
    }
    case 'policy.changed':
      return `${policyChange(event.data.before, event.data.after)} (${cause.byAdmin(nameOf(event.data.by))})`;
    case 'access.refused':
      return cause.refused(event.data.needs, event.data.call);
    case 'audit.exported':
      return cause.exported(event.data.format.toUpperCase());
    default:
      return '';
  }
}

function endCause(
  { data }: VigilEvent<'session.ended'>,
  now: number,
  nameOf: (agent: string) => string,
): string {
  const { cause } = texts.audit;
  const by = data.by === undefined ? null : nameOf(data.by);
  const several = data.sessions.length > 1 ? `; ${cause.sessions(data.sessions.length)}` : '';
  switch (data.reason) {
    case 'timeout': {
      const why = data.inactivity === null ? cause.timeout : (cause[data.inactivity] ?? cause.timeout);
      return `${why}; ${cause.lastInput(texts.time.at(clockTime(data.lastActivityAt, now)))}${several}`;
    }
    case 'logout':
      return logoutCause(data, nameOf) + several;
    case 'admin':
      return cause.admin(by ?? texts.unknown) + several;
    case 'lost':
      return cause.lost;
    default:
      return String(data.reason);
  }
}

/** Only the host's back end ends a session by a logout of somebody else; the host kit calls itself `host`. */
function logoutCause(
  { agent, by }: { agent: string; by?: string },
  nameOf: (agent: string) => string,
): string {
  const { cause } = texts.audit;
  if (by === undefined || by === agent) return cause.logout;
  return by === 'host' ? cause.logoutInDesk : cause.logoutBy(nameOf(by));
}

/** What a change of the policy changed. */
function policyChange(before: PolicyInEvent, after: PolicyInEvent): string {
  const { cause } = texts.audit;
  const parts: string[] = [];
  if (before.timeoutSeconds !== after.timeoutSeconds)
    parts.push(cause.policy(longDuration(before.timeoutSeconds), longDuration(after.timeoutSeconds)));
  if (before.rememberMe.agent !== after.rememberMe.agent)
    parts.push(cause.rememberAgent(after.rememberMe.agent));
  if (before.rememberMe.requester !== after.rememberMe.requester)
    parts.push(cause.rememberRequester(after.rememberMe.requester));
  return texts.list(parts);
}
