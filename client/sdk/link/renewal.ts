import { createAlarm, type PageClock } from '../clock.ts';
import type { Tokens } from './tokens.ts';

/** A fresh token is shown so long before the old one expires; of a short one, when half of it has passed. */
const AHEAD_MS = 60_000;
/** Closer to its end than this it is left to expire: then the link is made anew. */
const TOO_LATE_MS = 5_000;
const LONGEST_WAIT_MS = 60_000;

export interface Renewal {
  /** The connection stands, and the server's clock is known. */
  start(): void;
  stop(): void;
}

/**
 * Keeps a connection from expiring: asks the host for a fresh token ahead of time and shows it to the server. Where that
 * fails, or the server is too old for it, the old token expires and the link is made anew, as ever.
 */
export function createRenewal(
  clock: PageClock,
  tokens: Tokens,
  serverNow: () => number,
  show: (token: string) => Promise<void>,
): Renewal {
  const alarm = createAlarm(clock);
  /** Counts connections: what belongs to an older one is dropped. */
  let current = 0;

  const start = (): void => {
    const leftMs = tokens.expiresAt() - serverNow();
    const waitMs = leftMs - Math.min(AHEAD_MS, leftMs / 2);
    // Not where the token says nothing of its end, either.
    if (leftMs > TOO_LATE_MS)
      alarm.set(Math.min(waitMs, LONGEST_WAIT_MS), waitMs > LONGEST_WAIT_MS ? start : renew);
  };

  const renew = async (): Promise<void> => {
    const mine = current;
    try {
      const token = await tokens.renew();
      if (token !== null && mine === current) await show(token);
    } catch {
      // Tried again while there is time.
    }
    if (mine === current) start();
  };

  return {
    start,
    stop() {
      current += 1;
      alarm.clear();
    },
  };
}
