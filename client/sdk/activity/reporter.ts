import { createAlarm, elapsedSince, type Mark, type PageClock } from '../clock.ts';

export interface ReporterOptions {
  clock: PageClock;
  /** Shortest time between two reports. */
  intervalMs: () => number;
  /** Sends a report; false where there is no link. Nothing is kept for later but the newest input itself. */
  send: (idleMs: number) => boolean;
}

/** Decides when input is reported: at once after a quiet spell, then at most once per interval, each dated when sent. */
export interface Reporter {
  /** There was input. */
  input(at: Mark): void;
  /** Reports what has not been reported yet, without waiting. */
  flush(): void;
  /** Reports the newest input again: the link is new, and the one before may have lost it. */
  repeat(): void;
  stop(): void;
}

export function createReporter({ clock, intervalMs, send }: ReporterOptions): Reporter {
  let newest: Mark | null = null;
  let reported = true;
  let sentAt = Number.NEGATIVE_INFINITY;
  const turn = createAlarm(clock);

  const report = (): void => {
    turn.clear();
    if (newest === null || !send(Math.floor(elapsedSince(clock, newest)))) return;
    reported = true;
    sentAt = clock.monotonic();
  };
  const flush = () => {
    if (!reported) report();
  };

  return {
    input(at) {
      newest = at;
      reported = false;
      if (turn.armed) return;
      const waitMs = sentAt + intervalMs() - at.mono;
      if (waitMs <= 0) report();
      else turn.set(waitMs, flush);
    },
    flush,
    repeat: report,
    stop: turn.clear,
  };
}
