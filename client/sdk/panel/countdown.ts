const SPOKEN_AT = [60, 30, 10];

/** Whole seconds that are left, as everybody counts them down: 60 until the first second is over, 0 at the end. */
export function secondsLeft(endsAt: number, now: number): number {
  return Math.max(0, Math.ceil((endsAt - now) / 1000));
}

/** How long until `secondsLeft` changes: so that every tab counts at the same moment. */
export function untilNextSecond(endsAt: number, now: number): number {
  return (((endsAt - now) % 1000) + 1000) % 1000 || 1000;
}

/** Whether what is left is to be said now; `before` is what was left when last looked at (none: the warning has just come). */
export function isSpoken(left: number, before: number | null): boolean {
  return before === null || SPOKEN_AT.some((mark) => left <= mark && before > mark);
}
