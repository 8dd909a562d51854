/** What tabs of an agent were told, as far as it decides when to look again. */
export interface Told {
  warned: boolean;
  warnAt: number;
  endsAt: number;
}

/**
 * Before the moment of the warning that was told passes, the tabs must hear whether activity elsewhere has moved it. The
 * first look leaves time for the answer, the second catches what came after it.
 */
const LOOKS_BEFORE_MS = [1_500, 100];
/** After a moment that was told has passed without a word: the push may have been lost. */
const LOOK_AFTER_MS = 1_000;
/** From look to look after that. */
export const AGAIN_MS = 1_500;
/** After input that may have moved the moment: as long as the engine needs to take it. */
export const HASTE_MS = 40;

/** When to ask the engine again about an agent whose tabs were told this. */
export function nextCheckAt({ warned, warnAt, endsAt }: Told, now: number): number {
  if (warned) return Math.max(endsAt + LOOK_AFTER_MS, now + AGAIN_MS);
  for (const before of LOOKS_BEFORE_MS) {
    if (warnAt - before > now) return warnAt - before;
  }
  return Math.max(warnAt + LOOK_AFTER_MS, now + AGAIN_MS);
}

/** Whether the warning is on the screens of this agent, or comes so soon that input must not wait for others. */
export function isPressing({ warned, warnAt }: Told, now: number): boolean {
  return warned || warnAt - LOOKS_BEFORE_MS[0]! <= now;
}
