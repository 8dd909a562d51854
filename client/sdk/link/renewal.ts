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
 * fails, or the server is too old for it, the token expires and the link is made anew, as ever.
 */
export function createRenewal(options: {
  clock: PageClock;
  tokens: Tokens;
  serverNow: () => number;
  /** Resolves to whether the server took it. */
  show: (token: string) => Promise<boolean>;
}): Renewal {
  const { clock, tokens, serverNow, show } = options;
  const alarm = createAlarm(clock);
  /** Counts connections: what belongs to an older one is dropped. */
  let current = 0;

  const plan = (): void => {
    const leftMs = tokens.expiresAt() - serverNow();
    // Also where the token says nothing of its end.
    if (!(leftMs > TOO_LATE_MS)) return;
    const waitMs = leftMs - Math.min(AHEAD_MS, leftMs / 2);
    if (waitMs > LONGEST_WAIT_MS) alarm.set(LONGEST_WAIT_MS, plan);
    else alarm.set(waitMs, () => void renew());
  };

  const renew = async (): Promise<void> => {
    const mine = current;
    const isShown = await tokens.renew().then(
      (token) => (mine === current && token !== null ? show(token) : true),
      () => true,
    );
    // A server that does not take it is not asked again.
    if (mine === current && isShown) plan();
  };

  const stop = (): void => {
    current += 1;
    alarm.clear();
  };

  return {
    start() {
      stop();
      plan();
    },
    stop,
  };
}
