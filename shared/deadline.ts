/** The arithmetic of contract section 3, in one place for both engines, the sockets and the page. All in epoch ms. */

export interface Timing {
  timeoutMs: number;
  leadMs: number;
}

/** When the timeout is reached if nothing more comes. */
export function deadlineOf(lastActivityAt: number, { timeoutMs }: Timing): number {
  return lastActivityAt + timeoutMs;
}

/** When the warning comes. */
export function warnAtOf(lastActivityAt: number, { timeoutMs, leadMs }: Timing): number {
  return lastActivityAt + timeoutMs - leadMs;
}

/** When the session really ends: never before a whole lead of warning has passed. */
export function endsAtOf(lastActivityAt: number, warnedAt: number | null, timing: Timing): number {
  const deadlineAt = deadlineOf(lastActivityAt, timing);
  return warnedAt === null ? deadlineAt : Math.max(deadlineAt, warnedAt + timing.leadMs);
}
