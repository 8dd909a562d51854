import { Circumstances } from './circumstances.ts';
import type { Connection, History, SeenEvent } from './history.ts';

export interface Violation {
  invariant: string;
  t: number;
  text: string;
}

/** What the invariants are judged by: a history in the forms that several of them need. */
export class Case {
  readonly history: History;
  readonly circumstances: Circumstances;
  readonly leadMs: number;
  readonly timeoutMs: number;
  readonly byAgent: Map<string, SeenEvent[]>;
  readonly connectionsOf = new Map<string, Connection[]>();
  readonly violations: Violation[] = [];
  /** How often each invariant had something to judge. */
  readonly judged = new Map<string, number>();

  constructor(history: History) {
    this.history = history;
    this.circumstances = new Circumstances(history);
    if (history.meta === null) throw new Error('A history without its first line');
    this.leadMs = history.meta.leadMs;
    this.timeoutMs = history.meta.timeoutMs;
    this.byAgent = history.byAgent();
    for (const connection of history.connections.values()) {
      const list = this.connectionsOf.get(connection.agent);
      if (list === undefined) this.connectionsOf.set(connection.agent, [connection]);
      else list.push(connection);
    }
  }

  /** One thing was judged, and is a violation unless it holds. */
  expect(invariant: string, holds: boolean, t: number, text: () => string): void {
    this.judged.set(invariant, (this.judged.get(invariant) ?? 0) + 1);
    if (!holds) this.violations.push({ invariant, t, text: text() });
  }

  /** All `session.ended`, each with its agent. */
  *ends(): Generator<{ agent: string; seen: SeenEvent; events: SeenEvent[]; place: number }> {
    for (const [agent, events] of this.byAgent) {
      for (const [place, seen] of events.entries())
        if (seen.event.type === 'session.ended') yield { agent, seen, events, place };
    }
  }
}

/** How late something may be told, and how inexact the recorder's estimate of engine time is. */
export const SLACK_MS = 150;
