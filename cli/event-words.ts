import type { PolicyInEvent, VigilEvent } from '../shared/events.ts';
import { exactSpan, moment } from './table.ts';

const INACTIVITY = { not_open: 'not open anywhere, ', not_active_tab: 'not the active tab, ', no_input: '' };

/** Whom an event is about. */
export function agentOf({ data }: VigilEvent): string {
  if ('agent' in data) return data.agent;
  return 'call' in data ? (data.by ?? '') : '';
}

/** Why it happened, and by whom. What this version does not know is shown as it came. */
export function why({ at, ...event }: VigilEvent): string {
  const time = (other: number) => timeBeside(other, at);
  switch (event.type) {
    case 'session.started':
      return `logged in ${time(event.data.loginAt)}`;
    case 'session.warned':
      return `no input since ${time(event.data.lastActivityAt)}, ends ${time(event.data.endsAt)}`;
    case 'session.resumed':
      return `last input ${time(event.data.lastActivityAt)}`;
    case 'session.ended':
      return endOf(event.data, time);
    case 'agent.available':
    case 'agent.unavailable': {
      const { cause, by } = event.data;
      if (cause === 'admin') return `by ${by ?? 'a manager'}`;
      return cause === 'timeout' ? 'by the timeout' : 'by the agent';
    }
    case 'policy.changed':
      return `${changesOf(event.data.before, event.data.after)} by ${event.data.by}`;
    case 'access.refused':
      return `${event.data.call} needs ${event.data.needs}`;
    case 'audit.exported':
      return `as ${event.data.format} by ${event.data.by}`;
    default:
      return JSON.stringify((event as { data: unknown }).data);
  }
}

function endOf(data: VigilEvent<'session.ended'>['data'], time: (at: number) => string): string {
  const { reason, inactivity, agent, by, sessions, lastActivityAt } = data;
  const several = sessions.length > 1 ? `; ${sessions.length} sessions` : '';
  switch (reason) {
    case 'timeout': {
      const where = inactivity === null ? '' : (INACTIVITY[inactivity] ?? '');
      return `timeout, ${where}no input since ${time(lastActivityAt)}${several}`;
    }
    case 'logout':
      return `logout${by === undefined || by === agent ? '' : ` in the service desk, by ${by}`}${several}`;
    case 'admin':
      return `signed out by ${by ?? 'a manager'}${several}`;
    case 'lost':
      return `the server lost its data, and no open tab vouched for the login${several}`;
    default:
      return String(reason);
  }
}

function changesOf(before: PolicyInEvent, after: PolicyInEvent): string {
  const timeout = (policy: PolicyInEvent) => exactSpan(policy.timeoutSeconds * 1_000);
  const remember = (who: 'agent' | 'requester') =>
    before.rememberMe[who] === after.rememberMe[who]
      ? []
      : [`remember me for ${who}s ${after.rememberMe[who] ? 'on' : 'off'}`];
  const changed =
    before.timeoutSeconds === after.timeoutSeconds ? [] : [`${timeout(before)} → ${timeout(after)}`];
  return [...changed, ...remember('agent'), ...remember('requester')].join(', ') || 'nothing';
}

/** A moment beside another: without its day where that is the same. */
function timeBeside(at: number, other: number): string {
  const [day, time] = moment(at).split(' ');
  return moment(other).startsWith(day!) ? time! : `${day} ${time}`;
}
