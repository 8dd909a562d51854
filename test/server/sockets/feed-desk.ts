import {
  type AgentRecord,
  type Engine,
  EngineUnavailable,
  type PresenceChanges,
} from '../../../server/engine/engine.ts';
import { PresenceFeed } from '../../../server/sockets/presence-feed.ts';
import type { ChangesMessage } from '../../../shared/protocol.ts';
import { createTestClock } from '../../support/clock.ts';
import { DAY, IDLE_AFTER, LEAVE_GRACE, START, settle } from './desk.ts';

/** An agent with one visible tab, as the engine knows them. */
export function record(id: string, fields: Partial<AgentRecord> = {}): AgentRecord {
  return {
    id,
    name: null,
    rev: 1,
    sessions: 1,
    signedOutAt: null,
    lastActivityAt: START,
    warnedAt: null,
    deadlineAt: START + DAY,
    endsAt: START + DAY,
    available: null,
    tabs: 1,
    visibleTabs: 1,
    hiddenAt: null,
    leftAt: null,
    leftVisible: false,
    ...fields,
  };
}

export const many = (count: number, fields?: Partial<AgentRecord>) =>
  Array.from({ length: count }, (_, i) => record(`a-${i}`, fields));

/** A feed on an engine that says what a test puts in `next`. */
export function openFeed() {
  const clock = createTestClock(START);
  const errors: unknown[] = [];
  const sent: ChangesMessage[] = [];
  const next: Partial<PresenceChanges>[] = [];
  const cursors: (string | null)[] = [];
  const engine = {
    down: false,
    held: Promise.resolve(),
    now: () => clock.now(),
    async changes(_account: string, cursor: string | null): Promise<PresenceChanges> {
      cursors.push(cursor);
      if (engine.down) throw new EngineUnavailable('away');
      const answer = {
        cursor: `c-${cursors.length}`,
        reset: false,
        agents: [],
        removed: [],
        ...next.shift(),
      };
      await engine.held;
      return answer;
    },
  };
  const start = () =>
    new PresenceFeed({
      account: 'acme',
      engine: engine as unknown as Engine,
      clock,
      display: { idleAfterMs: IDLE_AFTER, leaveGraceMs: LEAVE_GRACE },
      log: { info() {}, warn() {}, error: (fields: object) => void errors.push(fields) },
      send: (message) => void sent.push(message),
    });
  const pass = async (ms: number, stepMs = 100) => {
    for (let left = ms; left > 0; left -= stepMs) {
      clock.advance(Math.min(stepMs, left));
      await settle();
    }
  };
  return { clock, errors, sent, next, cursors, engine, start, pass };
}
