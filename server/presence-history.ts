import type { TrailStretch } from '../shared/presence.ts';
import {
  type CountsPoint,
  type Engine,
  MAX_TURNS,
  RECORD_EVERY_MS,
  RECORDED_MS,
  type Turn,
} from './engine/engine.ts';
import type { PresenceRecorder } from './presence-recorder.ts';

export type HistoryRange = 'hour' | 'day';

const RANGES = {
  hour: { spanMs: 3_600_000, stepMs: RECORD_EVERY_MS },
  day: { spanMs: RECORDED_MS, stepMs: 5 * RECORD_EVERY_MS },
} as const;
/** Between two recordings; what lies further apart was not seen. */
const LONGEST_STEP_MS = 2.5 * RECORD_EVERY_MS;

/** Presence over time, as it was recorded. Nothing is guessed: where nobody recorded, there is nothing. */
export interface PresenceHistory {
  /** How many agents of an account were in which state. */
  counts(account: string, range: HistoryRange): Promise<{ stepSeconds: number; points: CountsPoint[] }>;
  /** The states of an agent in the last day, oldest first. */
  trail(account: string, agent: string): Promise<TrailStretch[]>;
}

/** Who reads makes the account be recorded. */
export function createPresenceHistory(
  engine: Pick<Engine, 'now' | 'recordings'>,
  recorder: Pick<PresenceRecorder, 'want'>,
): PresenceHistory {
  return {
    async counts(account, range) {
      const { spanMs, stepMs } = RANGES[range];
      await recorder.want(account);
      const points = await engine.recordings.points(account);
      return { stepSeconds: stepMs / 1000, points: thin(points, engine.now() - spanMs, stepMs) };
    },
    async trail(account, agent) {
      await recorder.want(account);
      const [points, turns] = await Promise.all([
        engine.recordings.points(account),
        engine.recordings.turns(account, agent),
      ]);
      return stretchesOf(
        turns,
        points.map(({ at }) => at),
        engine.now(),
      );
    },
  };
}

/** The first point of each step. */
function thin(points: readonly CountsPoint[], since: number, stepMs: number): CountsPoint[] {
  let step = Number.NEGATIVE_INFINITY;
  return points.filter(({ at }) => {
    const own = Math.floor(at / stepMs);
    if (at < since || (stepMs > RECORD_EVERY_MS && own === step)) return false;
    step = own;
    return true;
  });
}

/**
 * What an agent's turns come to, as far as somebody recorded. Before the first turn there was no session, unless turns
 * were forgotten because they were too many.
 */
export function stretchesOf(
  turns: readonly Turn[],
  recordedAt: readonly number[],
  now: number,
): TrailStretch[] {
  const first: Turn = { state: 'signed_out', at: Number.NEGATIVE_INFINITY };
  const all = turns.length < MAX_TURNS ? [first, ...turns] : turns;
  return watchedSpans(recordedAt, now).flatMap((span) =>
    all
      .map(({ state, at }, place) => ({
        state,
        from: Math.max(at, span.from),
        until: Math.min(all[place + 1]?.at ?? now, span.until),
      }))
      .filter(({ from, until }) => from < until),
  );
}

/** When somebody was looking: from one recording to the next, and from the last until now. */
function watchedSpans(recordedAt: readonly number[], now: number): { from: number; until: number }[] {
  const spans: { from: number; until: number }[] = [];
  for (const at of [...recordedAt, now]) {
    const last = spans.at(-1);
    if (last !== undefined && at - last.until <= LONGEST_STEP_MS) last.until = at;
    else spans.push({ from: at, until: at });
  }
  return spans;
}
