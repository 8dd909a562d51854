import type { Clock } from '../clock.ts';
import type { Engine } from '../engine/engine.ts';
import type { SocketLog } from './counts.ts';

/** A node that alone is cut off is noticed no sooner: a restart of Redis takes less. */
const MIN_AWAY_MS = 20_000;
const STEP_MS = 10_000;

export interface LinkOptions {
  engine: Pick<Engine, 'onLink'>;
  clock: Clock;
  leadMs: number;
  log: SocketLog;
  /** The engine cannot be reached. */
  lost(): void;
  /** It can be reached again. */
  back(): void;
  /** It has been away for so long that another node may serve the tabs better, in time before anyone's lead is over. */
  sendElsewhere(): void;
}

/** Follows the link to the engine. Returns what stops that. */
export function followLink({
  engine,
  clock,
  leadMs,
  log,
  lost,
  back,
  sendElsewhere,
}: LinkOptions): () => void {
  const patienceMs = Math.max(MIN_AWAY_MS, leadMs / 3);
  let lostAt = 0;
  let sentAt = Number.NEGATIVE_INFINITY;
  let cancel: (() => void) | undefined;

  const watch = (): void => {
    const now = clock.monotonic();
    // At most once per lead: tabs that come back here have found no better node.
    const dueAt = Math.max(lostAt + patienceMs, sentAt + Math.max(leadMs, MIN_AWAY_MS));
    if (now >= dueAt) {
      sentAt = now;
      log.warn({ awayMs: now - lostAt }, 'the engine is out of reach: tabs are sent elsewhere');
      sendElsewhere();
    }
    cancel = clock.after(Math.min(STEP_MS, now >= dueAt ? STEP_MS : dueAt - now), watch);
  };

  const unsubscribe = engine.onLink((up) => {
    cancel?.();
    cancel = undefined;
    if (up) return back();
    lostAt = clock.monotonic();
    lost();
    watch();
  });

  return () => {
    unsubscribe();
    cancel?.();
  };
}
