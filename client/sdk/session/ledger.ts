import type { SessionMessage, SessionView, WarningMessage } from '../../../shared/protocol.ts';

/**
 * What the server has said of this agent's session. Messages may overtake each other: whoever holds a newer `rev`
 * drops an older message. The first `session` of a connection is always taken: it answers our own question, and a
 * server that lost its data counts anew.
 */
export interface Ledger {
  readonly told: SessionView | null;
  /** A new connection: the next `session` stands, whatever was held. */
  expectSnapshot(): void;
  /** True where it was taken. */
  session(message: SessionMessage): boolean;
  warning(message: WarningMessage): boolean;
  /** Whether an end is not older than what is held. */
  isCurrent(rev: number): boolean;
}

export function createLedger(): Ledger {
  let told: SessionView | null = null;
  let fresh = true;
  const isCurrent = (rev: number) => told === null || rev >= told.rev;
  return {
    get told() {
      return told;
    },
    expectSnapshot() {
      fresh = true;
    },
    session(message) {
      if (!isWhole(message) || !(fresh || isCurrent(message.rev))) return false;
      fresh = false;
      const { serverTime: _, ...view } = message;
      told = Object.freeze(view);
      return true;
    },
    warning({ rev, deadlineAt, endsAt }) {
      // Before the snapshot of this connection it may be one that has been answered since.
      if (fresh || told === null || !isCurrent(rev) || !Number.isFinite(endsAt)) return false;
      told = Object.freeze({ ...told, rev, state: 'warning', deadlineAt, endsAt });
      return true;
    },
    isCurrent,
  };
}

function isWhole(message: SessionMessage): boolean {
  const { rev, deadlineAt, endsAt, warnAt, timeoutMs, leadMs, serverTime } = message;
  return [rev, deadlineAt, endsAt, warnAt, timeoutMs, leadMs, serverTime].every(Number.isFinite);
}
