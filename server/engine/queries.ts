import type { EventType } from '../../shared/events.ts';

/** What a page of agents, or of the audit log, is asked for by. */

export interface AgentPage {
  after: string | null;
  limit: number;
}

export interface EventQuery {
  after?: string;
  before?: string;
  limit: number;
  types?: EventType[];
  agent?: string;
}
