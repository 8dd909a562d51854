import type { AgentPresence } from '../../../shared/presence.ts';

export const NOW = Date.UTC(2026, 10, 23, 12, 0, 0);
const DAY = 86_400_000;

/** An agent as the feed tells it: working since a moment ago, where nothing else is said. */
export function agent(id: string, facts: Partial<AgentPresence> = {}): AgentPresence {
  const lastActivityAt = facts.lastActivityAt ?? NOW - 1_000;
  return {
    id,
    name: null,
    state: 'active',
    stateSince: lastActivityAt,
    tabs: 1,
    sessions: 1,
    lastActivityAt,
    deadlineAt: lastActivityAt + DAY,
    endsAt: lastActivityAt + DAY,
    warned: false,
    available: true,
    ...facts,
  };
}

export function countsOf(agents: readonly AgentPresence[]) {
  const of = (state: string) => agents.filter((one) => one.state === state).length;
  return { active: of('active'), idle: of('idle'), background: of('background'), offline: of('offline') };
}
