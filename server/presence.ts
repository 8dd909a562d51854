import { createHash } from 'node:crypto';
import { type AgentPresence, type PresenceDisplay, presenceAt } from '../shared/presence.ts';
import type { AgentRecord } from './engine/engine.ts';

/** What is shown of an agent at `now` (engine time). */
export function agentPresence(record: AgentRecord, now: number, display: PresenceDisplay): AgentPresence {
  const { state, since } = presenceAt(record, now, display);
  return {
    id: record.id,
    name: record.name,
    state,
    stateSince: since,
    tabs: record.tabs,
    sessions: record.sessions,
    lastActivityAt: record.lastActivityAt,
    deadlineAt: record.deadlineAt,
    endsAt: record.endsAt,
    warned: record.warnedAt !== null,
    available: record.available,
  };
}

/** What stands for a `sid` where people look: enough to tell sessions apart, nothing to go on with. */
export function sidHash(sid: string): string {
  return createHash('sha256').update(sid).digest('hex').slice(0, 16);
}
