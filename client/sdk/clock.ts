/** Time as the page sees it; injected, so that tests move it. */
export interface PageClock {
  /** Epoch milliseconds. May be stepped, and goes on while the machine sleeps. */
  now(): number;
  /** Milliseconds that only grow; may stand still while the machine sleeps. */
  monotonic(): number;
  /** Runs `run` once, `delayMs` from now; returns what cancels it. At most a minute: no timer is armed for a whole session. */
  after(delayMs: number, run: () => void): () => void;
}

export const pageClock: PageClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** One timer at a time. */
export interface Alarm {
  readonly armed: boolean;
  set(delayMs: number, run: () => void): void;
  clear(): void;
}

export function createAlarm(clock: PageClock): Alarm {
  let cancel: (() => void) | null = null;
  const clear = (): void => {
    cancel?.();
    cancel = null;
  };
  return {
    get armed() {
      return cancel !== null;
    },
    set(delayMs, run) {
      clear();
      cancel = clock.after(delayMs, () => {
        cancel = null;
        run();
      });
    },
    clear,
  };
}

/** A moment, on both of the page's clocks. */
export interface Mark {
  readonly wall: number;
  readonly mono: number;
}

export function markNow(clock: PageClock): Mark {
  return { wall: clock.now(), mono: clock.monotonic() };
}

/**
 * How long ago a moment was, by whichever clock says longer: one may have slept, the other may have been set back.
 * Too long makes input older and a deadline nearer; too short would keep a session alive that nobody uses.
 */
export function elapsedSince(clock: PageClock, mark: Mark, now: Mark = markNow(clock)): number {
  return Math.max(0, now.wall - mark.wall, now.mono - mark.mono);
}

/** A delay after which the estimate is not believed any more, whatever the server's next message says. */
const LARGEST_DELAY_MS = 5_000;
/** The page's clock drifts: an estimate this old gives way to a newer one. */
const ANCHOR_MAX_AGE_MS = 10 * 60_000;

export interface ServerClock {
  /** The server's time, estimated; the page's own before the server was heard. */
  now(): number;
  /** A message that carries `serverTime` has just come. */
  hear(serverTime: number): void;
}

/**
 * The server's clock as its messages tell it. Each was under way for an unknown while, so of several the one that was
 * fastest is right: the estimate moves forward at once, and back only where it must be wrong.
 */
export function createServerClock(clock: PageClock): ServerClock {
  let anchor: { serverTime: number; at: Mark } | null = null;
  const now = () => (anchor === null ? clock.now() : anchor.serverTime + elapsedSince(clock, anchor.at));
  return {
    now,
    hear(serverTime) {
      const ahead = now() - serverTime;
      const trusted = anchor !== null && ahead >= 0 && ahead < LARGEST_DELAY_MS;
      if (trusted && elapsedSince(clock, anchor!.at) < ANCHOR_MAX_AGE_MS) return;
      anchor = { serverTime, at: markNow(clock) };
    },
  };
}
