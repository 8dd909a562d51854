import type { AckErrorCode } from './errors.ts';
import type { EndReason } from './events.ts';
import type { AgentPresence, PresenceCounts } from './presence.ts';

/** Version of the protocol; the first number is the contract's. */
export const PROTOCOL_VERSION = '1.1.0';

/** Messages of contract sections 4 and 5. Times are epoch ms of the engine clock, durations end in Ms. */

export type SessionState = 'active' | 'warning';

/** What the engine knows of an agent's session. `available` is null for who takes no part in auto-assignment. */
export interface SessionView {
  rev: number;
  state: SessionState;
  lastActivityAt: number;
  deadlineAt: number;
  endsAt: number;
  warnAt: number;
  timeoutMs: number;
  leadMs: number;
  available: boolean | null;
}

export type SessionMessage = SessionView & { serverTime: number };
export interface WarningMessage {
  rev: number;
  deadlineAt: number;
  endsAt: number;
  serverTime: number;
}
export interface EndedMessage {
  rev: number;
  reason: EndReason;
  endedAt: number;
}
export interface ReconnectMessage {
  afterMs: number;
}

/** The client speaks an older version of the protocol than this server: it works, and lacks what is new. */
export interface OutdatedMessage {
  protocol: string;
}

export interface ActivityReport {
  /** The last input in this tab was so long ago, computed when it is sent. */
  idleMs: number;
}
export interface FocusReport {
  visible: boolean;
  focused: boolean;
  /** How long it has been so. */
  sinceMs?: number | undefined;
}

export type Refusal = { ok: false; code: AckErrorCode };
export type AvailabilityAck = { ok: true; available: boolean } | Refusal;
export type TokenAck = { ok: true; expiresAt: number } | Refusal;
export type LogoutAck = { ok: true } | Refusal;

export interface TabToServer {
  activity: (report: ActivityReport) => void;
  focus: (report: FocusReport) => void;
  availability: (request: { available: boolean }, ack: (answer: AvailabilityAck) => void) => void;
  token: (request: { token: string }, ack: (answer: TokenAck) => void) => void;
  logout: (request: Record<string, never>, ack: (answer: LogoutAck) => void) => void;
}
export interface ServerToTab {
  session: (message: SessionMessage) => void;
  warning: (message: WarningMessage) => void;
  ended: (message: EndedMessage) => void;
  expired: (message: Record<string, never>) => void;
  reconnect: (message: ReconnectMessage) => void;
  outdated: (message: OutdatedMessage) => void;
}

export interface SnapshotMessage {
  agents: AgentPresence[];
  counts: PresenceCounts;
  serverTime: number;
  more: boolean;
}
export interface ChangesMessage {
  agents: AgentPresence[];
  removed: string[];
  counts: PresenceCounts;
  serverTime: number;
}
export interface ServerToDashboard {
  snapshot: (message: SnapshotMessage) => void;
  changes: (message: ChangesMessage) => void;
  ended: (message: EndedMessage) => void;
  expired: (message: Record<string, never>) => void;
  reconnect: (message: ReconnectMessage) => void;
}

/** Largest message on a socket, in bytes. */
export const MAX_MESSAGE_BYTES = 16_384;
