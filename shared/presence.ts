/** What is shown of an agent on the dashboard (contract section 5). */
export type PresenceState = 'active' | 'idle' | 'background' | 'offline' | 'signed_out';

export interface AgentPresence {
  id: string;
  name: string | null;
  state: PresenceState;
  /** Since when it has been so, where known (epoch ms): last input, tab hidden, last tab closed, signed out. */
  stateSince: number | null;
  tabs: number;
  sessions: number;
  lastActivityAt: number;
  deadlineAt: number;
  endsAt: number;
  warned: boolean;
  available: boolean | null;
}

/** A state as it is recorded over time: being warned stands above the others. */
export type TrailState = PresenceState | 'warned';

/** A stretch of time that an agent spent in one state. */
export interface TrailStretch {
  state: TrailState;
  from: number;
  until: number;
}

export type PresenceCounts = { active: number; idle: number; background: number; offline: number };

/**
 * The facts a state follows from. `leftAt`: when the last tab closed; null once a tab has said again whether it is
 * visible, and where none ever was open. `leftVisible`: whether one was visible then. `hiddenAt`: since when none is.
 */
export interface PresenceFacts {
  signedOutAt: number | null;
  lastActivityAt: number;
  tabs: number;
  visibleTabs: number;
  hiddenAt: number | null;
  leftAt: number | null;
  leftVisible: boolean;
}

export interface PresenceDisplay {
  /** From `active` to `idle` after so long without input. */
  idleAfterMs: number;
  /** For so long after its last tab closed an agent still shows as before. */
  leaveGraceMs: number;
}

/** State of an agent at `now`, and since when. Display only: no deadline depends on it. */
export function presenceAt(
  facts: PresenceFacts,
  now: number,
  display: PresenceDisplay,
): { state: PresenceState; since: number | null } {
  if (facts.signedOutAt !== null) return { state: 'signed_out', since: facts.signedOutAt };
  const graced = facts.leftAt !== null && now - facts.leftAt < display.leaveGraceMs;
  if (facts.tabs === 0 && !graced) return { state: 'offline', since: facts.leftAt };
  const visible = graced ? facts.leftVisible : facts.visibleTabs > 0;
  if (!visible) return { state: 'background', since: facts.hiddenAt };
  const idle = now - facts.lastActivityAt >= display.idleAfterMs;
  return { state: idle ? 'idle' : 'active', since: facts.lastActivityAt };
}

/** The next moment at which the state of these facts changes by time alone; null where it does not. */
export function nextPresenceChange(
  facts: PresenceFacts,
  now: number,
  display: PresenceDisplay,
): number | null {
  const moments = [facts.lastActivityAt + display.idleAfterMs];
  if (facts.leftAt !== null) moments.push(facts.leftAt + display.leaveGraceMs);
  const ahead = moments.filter((moment) => moment > now);
  return ahead.length === 0 ? null : Math.min(...ahead);
}

export function emptyCounts(): PresenceCounts {
  return { active: 0, idle: 0, background: 0, offline: 0 };
}
