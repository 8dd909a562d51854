import { z } from 'zod';

/** Why somebody meets the login form. What Vigil says may grow: an unknown reason asks to sign in again, no more. */
export const signOutReason = z.enum(['timeout', 'logout', 'admin', 'lost']);
export type SignOutReason = z.infer<typeof signOutReason> | 'unknown';

export function toReason(value: unknown): SignOutReason {
  return signOutReason.safeParse(value).data ?? 'unknown';
}

/** A line for the person; `timeoutSeconds` null where it is not known now. */
export function reasonText(reason: SignOutReason, timeoutSeconds: number | null): string {
  switch (reason) {
    case 'timeout':
      return timeoutSeconds === null
        ? 'You were signed out because there was no activity.'
        : `You were signed out after ${durationText(timeoutSeconds)} without activity.`;
    case 'logout':
      return 'You have signed out.';
    case 'admin':
      return 'You were signed out by an administrator.';
    case 'lost':
      return 'Your session was lost on the server. Please sign in again.';
    case 'unknown':
      return 'Your session has ended. Please sign in again.';
  }
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** In the largest unit that says it exactly: `15 minutes`, `90 seconds`, `24 hours`, `30 days`. */
export function durationText(seconds: number): string {
  const isExact = (unit: number) => seconds % unit === 0 && seconds !== 86_400;
  const [unit, length] = UNITS.find(([, unitSeconds]) => isExact(unitSeconds)) ?? ['hour', 3_600];
  const count = seconds / length;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
