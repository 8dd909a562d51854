import { deadlineOf } from '../../../shared/deadline.ts';
import type { SessionView } from '../../../shared/protocol.ts';

/** All moments in the server's time, as the page estimates it. */
export interface Facts {
  told: SessionView;
  /** When the server was last heard. */
  heardAt: number;
  /** The newest input that was sent to the server; it need not have been answered. */
  reportedAt: number | null;
  up: boolean;
}

/** An end reaches its tabs within this time, if the link works. */
const END_GRACE_MS = 1_500;
/** The server says anew where the deadline is before a warning would be due; this long after it, it has not. */
const SILENCE_MS = 3_000;
/** Where it keeps saying what has passed already, ask again only so often. */
const ASK_AGAIN_MS = 15_000;

/** When the session ends as far as this page knows: by what it was told, or by input that it has reported since. */
export function dueAt({ told, reportedAt }: Omit<Facts, 'heardAt' | 'up'>): number {
  if (told.state === 'warning' || reportedAt === null) return told.endsAt;
  return Math.max(told.endsAt, deadlineOf(reportedAt, told));
}

/** `hide`: past the deadline without a word. `ask`: the link looks alive but says nothing where something was due. */
export function judge(facts: Facts, now: number): { hide: boolean; ask: boolean } {
  const { told, heardAt, up } = facts;
  const due = dueAt(facts);
  const hide = now >= due + (up ? END_GRACE_MS : 0);
  const wordAt = told.state === 'warning' ? told.endsAt + END_GRACE_MS : told.warnAt + SILENCE_MS;
  const askAt = wordAt > heardAt ? wordAt : heardAt + ASK_AGAIN_MS;
  return { hide, ask: up && now >= askAt };
}
