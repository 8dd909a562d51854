import type { SessionMessage, SessionView, WarningMessage } from '../../../shared/protocol.ts';
import { createServerClock, type PageClock } from '../clock.ts';
import { dueAt, judge } from './due.ts';
import { createLedger } from './ledger.ts';

/** What a page knows of its session, and how far that can be relied on. */
export interface Knowledge {
  readonly told: SessionView | null;
  readonly warned: boolean;
  /** The session has ended as far as this page knows; only the server can say otherwise. */
  readonly pastDue: boolean;
  /** The server's time. */
  now(): number;
  /** A connection is there, its first word on its way. */
  connected(): void;
  /** True where the message was news; else it is older than what is known. */
  session(message: SessionMessage): boolean;
  warning(message: WarningMessage): boolean;
  isCurrent(rev: number): boolean;
  /** Input of so long ago was sent to the server. */
  reported(idleMs: number): void;
  /** Whether the page must be hidden, and whether the server is to be asked anew. */
  judge(up: boolean): { hide: boolean; ask: boolean };
}

export function createKnowledge(clock: PageClock): Knowledge {
  const server = createServerClock(clock);
  const ledger = createLedger();
  let heardAt = 0;
  let reportedAt: number | null = null;
  /** Whether this connection has brought a word yet: one that is only there proves nothing. */
  let spoken = false;

  const isPastDue = () => ledger.told !== null && server.now() >= dueAt({ told: ledger.told, reportedAt });
  const hear = (serverTime: number): true => {
    server.hear(serverTime);
    spoken = true;
    heardAt = server.now();
    if (reportedAt !== null) reportedAt = Math.min(reportedAt, heardAt);
    return true;
  };

  return {
    get told() {
      return ledger.told;
    },
    get warned() {
      return ledger.told?.state === 'warning';
    },
    get pastDue() {
      return isPastDue();
    },
    now: server.now,
    connected() {
      spoken = false;
      ledger.expectSnapshot();
    },
    session: (message) => ledger.session(message) && hear(message.serverTime),
    warning: (message) => ledger.warning(message) && hear(message.serverTime),
    isCurrent: ledger.isCurrent,
    reported(idleMs) {
      // Past the deadline, input that is reported late proves nothing.
      if (!isPastDue()) reportedAt = Math.max(reportedAt ?? 0, server.now() - idleMs);
    },
    judge(up) {
      const { told } = ledger;
      if (told === null) return { hide: false, ask: false };
      return judge({ told, heardAt, reportedAt, up: up && spoken }, server.now());
    },
  };
}
