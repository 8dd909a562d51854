import type { PresenceFacts } from '../../shared/presence.ts';

/** What is known of agents, as an engine answers it. */

/** What presence is computed from; `session` holds the deadline as it stands, also of one who is signed out (as it stood). */
export interface AgentRecord extends PresenceFacts {
  id: string;
  name: string | null;
  rev: number;
  sessions: number;
  warnedAt: number | null;
  deadlineAt: number;
  endsAt: number;
  available: boolean | null;
}

export interface AgentDetail extends AgentRecord {
  logins: { sid: string; startedAt: number; tabs: { visible: boolean; since: number }[] }[];
}

export interface PresenceChanges {
  cursor: string;
  /** True: `agents` is everybody who is live; forget what you had. */
  reset: boolean;
  agents: AgentRecord[];
  /** Ids of agents whose sessions have ended. */
  removed: string[];
}
