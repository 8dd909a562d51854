/** An event is given up when it has been tried for so long. */
export const GIVE_UP_MS = 24 * 3_600_000;
/** An attempt that is due is found within a second: with that, and the jitter, the first comes within 5 s. */
const FIRST_MS = 3_000;
const LONGEST_MS = 30 * 60_000;

/** How long to wait after so many failed attempts: at most 3.75 s at first, then doubling, never more than 30 min; `random` in [0, 1). */
export function retryAfterMs(attempts: number, random: number): number {
  const spread = FIRST_MS * 2 ** Math.min(attempts - 1, 20) * (0.75 + random / 2);
  return Math.min(spread, LONGEST_MS * (0.8 + random / 5));
}
