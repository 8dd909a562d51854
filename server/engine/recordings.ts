import type { PresenceCounts, TrailState } from '../../shared/presence.ts';

/**
 * Presence over time, recorded once a minute for accounts at which somebody looked within the last week: how many agents
 * were in which state, and each agent's changes of state. Kept for a day, and as durable as everything else; any node
 * records, and any node reads.
 */
export interface Recordings {
  /** Somebody looks at the account: it is to be recorded from now on, for a week. Answers whether that is new. */
  want(account: string): Promise<boolean>;

  /**
   * Claims accounts whose minute has come, at most `limit`: each minute of an account is claimed once, whoever asks. Who
   * claims and dies leaves a gap of that minute. What nobody wants any more is forgotten. `account`: look at this alone.
   */
  claim(request: { limit: number; account?: string }): Promise<string[]>;

  /** Agents by the state in which they were recorded last, and since when; also those signed out, for a day. */
  latest(account: string): Promise<Map<string, Turn>>;

  /** Writes a recording; what is of a day before it is forgotten, and what is of a time after it (the clock was set back). */
  write(account: string, recording: Recording): Promise<void>;

  /** How many were in which state, oldest first. */
  points(account: string): Promise<CountsPoint[]>;

  /** When an agent's state changed, as far as it was recorded, oldest first; the first may be older than a day. */
  turns(account: string, agent: string): Promise<Turn[]>;
}

/** The state that an agent was found in, other than at the recording before. In whole seconds. */
export interface Turn {
  state: TrailState;
  at: number;
}

export interface CountsPoint extends PresenceCounts {
  at: number;
}

export interface Recording {
  /** In whole seconds. */
  at: number;
  counts: PresenceCounts;
  turns: { agent: string; state: TrailState }[];
  /** Agents of whom nothing more needs to be known. */
  forgotten: string[];
}

export const RECORD_EVERY_MS = 60_000;
export const WANTED_MS = 7 * 86_400_000;
export const RECORDED_MS = 86_400_000;
export const MAX_POINTS = 1_440;
/** Turns of one agent; some minutes of many a day are then missing at its beginning. */
export const MAX_TURNS = 120;
