import type { AgentPresence } from '../../../shared/presence.ts';
import { clockTime, JUST_NOW_MS, shortDuration } from '../core/moments.ts';
import { texts } from '../texts.ts';

/** States as they are shown and filtered by. `warned` is one on top of the others. */
export const FILTERS = ['active', 'idle', 'background', 'offline', 'warned'] as const;
export type Filter = (typeof FILTERS)[number];
export type ShownState = AgentPresence['state'] | 'warned';

/** The states that the counts add up from, in the order in which they are stacked and sorted. */
export const COUNTED = ['active', 'idle', 'background', 'offline'] as const;

export function shownState(agent: AgentPresence): ShownState {
  return agent.warned && agent.state !== 'signed_out' ? 'warned' : agent.state;
}

/** Later servers may know states that this page does not. */
export function stateName(state: string): string {
  return (texts.state as Record<string, string>)[state] ?? state;
}

/** Why an agent is in its state, in words. */
export function reasonOf(agent: AgentPresence, now: number): string {
  const { reason } = texts;
  const { state, stateSince: since } = agent;
  switch (state) {
    case 'active': {
      const ago = now - agent.lastActivityAt;
      return ago < JUST_NOW_MS ? reason.inputNow : reason.inputAgo(shortDuration(ago));
    }
    case 'idle':
      return reason.noInput(shortDuration(now - agent.lastActivityAt));
    case 'background':
      return since === null ? reason.hiddenUnknown : reason.hidden(shortDuration(now - since));
    case 'offline':
      return since === null ? reason.closedUnknown : reason.closed(clockTime(since, now));
    case 'signed_out':
      return since === null ? texts.state.signed_out : reason.signedOut(texts.time.at(clockTime(since, now)));
    default:
      return reason.other(state);
  }
}

/** How much of the time until the sign-out is left, from 1 to 0. While warned it is the warning's. */
export function shareLeft(agent: AgentPresence, now: number, leadMs: number): number {
  const whole = agent.warned ? leadMs : agent.deadlineAt - agent.lastActivityAt;
  if (!(whole > 0)) return 0;
  return Math.min(1, Math.max(0, (agent.endsAt - now) / whole));
}
