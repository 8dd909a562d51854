/** Shortest and longest wait between two tries to connect, after the first one, which comes without any wait. */
const FIRST_MS = 500;
const CAP_MS = 10_000;
/** While a warning runs or the page is covered, every second counts. */
const URGENT_CAP_MS = 3_000;
/** The server answered, and refused: trying hard would not help. */
const REFUSED_CAP_MS = 30_000;

export type Pace = 'normal' | 'urgent' | 'refused';

/**
 * How long to wait before a try. `failures` in a row precede it; `random` in [0, 1) spreads the tabs of a server that
 * went away. A wait never exceeds half a minute: browsers stretch the timers of hidden tabs to whole minutes.
 */
export function waitBeforeTry(failures: number, pace: Pace, random: number): number {
  if (failures === 0) return 0;
  const cap = pace === 'refused' ? REFUSED_CAP_MS : pace === 'urgent' ? URGENT_CAP_MS : CAP_MS;
  const first = pace === 'refused' ? FIRST_MS * 4 : FIRST_MS;
  return Math.min(cap, first * 2 ** Math.min(failures - 1, 16)) * (0.5 + random / 2);
}
