import { setImmediate } from 'node:timers/promises';
import { emptyCounts, type PresenceCounts, type PresenceDisplay } from '../shared/presence.ts';
import type { Clock } from './clock.ts';
import { type Engine, EngineUnavailable } from './engine/engine.ts';
import { agentPresence } from './presence.ts';

export type HistoryRange = 'hour' | 'day';
export interface HistoryPoint extends PresenceCounts {
  at: number;
}

/**
 * How many agents of an account were in which state, over the last day. It costs where somebody looks: an account is
 * counted once a minute from the first time its history is read on this node, and for a week after the last time.
 * Nothing is guessed: where nobody counted, there is no point.
 */
export interface PresenceHistory {
  read(account: string, range: HistoryRange): Promise<{ stepSeconds: number; points: HistoryPoint[] }>;
  close(): void;
}

export interface PresenceHistoryOptions {
  engine: Pick<Engine, 'agents' | 'now'>;
  clock: Clock;
  display: PresenceDisplay;
  log: { error(fields: object, message: string): void };
  /** An account was forgotten to make room for another. */
  onForgotten?: () => void;
}

interface Counted {
  points: HistoryPoint[];
  /** Monotonic: when it was read last. */
  askedAt: number;
}

const STEP_MS = 60_000;
const RANGES = {
  hour: { spanMs: 3_600_000, stepMs: STEP_MS },
  day: { spanMs: 86_400_000, stepMs: 5 * STEP_MS },
} as const;
const WANTED_MS = 7 * 86_400_000;
/** 1,440 points each; whoever was asked for longest ago makes room. */
const MAX_ACCOUNTS = 500;
/** Agents read at once, so that a large account leaves room for everything else. */
const PIECE = 2_000;

export function createPresenceHistory({
  engine,
  clock,
  display,
  log,
  onForgotten = () => {},
}: PresenceHistoryOptions): PresenceHistory {
  const accounts = new Map<string, Counted>();
  let cancel: (() => void) | undefined;
  let closed = false;

  async function count(account: string, counted: Counted): Promise<void> {
    const counts = emptyCounts();
    let after: string | null = null;
    for (;;) {
      const piece = await engine.agents(account, { after, limit: PIECE });
      for (const record of piece) {
        const { state } = agentPresence(record, engine.now(), display);
        if (state !== 'signed_out') counts[state] += 1;
      }
      if (piece.length < PIECE) break;
      after = piece.at(-1)!.id;
      await setImmediate();
    }
    const at = Math.floor(engine.now());
    counted.points.push({ at, ...counts });
    const oldest = counted.points.findIndex((point) => point.at > at - RANGES.day.spanMs);
    if (oldest > 0) counted.points.splice(0, oldest);
  }

  async function countAll(): Promise<void> {
    for (const [account, counted] of accounts) {
      if (closed) return;
      if (clock.monotonic() - counted.askedAt > WANTED_MS) accounts.delete(account);
      else await countOrSay(account, counted);
    }
  }

  async function countOrSay(account: string, counted: Counted): Promise<void> {
    try {
      await count(account, counted);
    } catch (error) {
      if (!(error instanceof EngineUnavailable)) log.error({ err: error }, 'presence could not be counted');
    }
  }

  /** The next round begins a minute after the last began, however long it took. */
  function plan(startedAt: number): void {
    if (closed || accounts.size === 0) {
      cancel = undefined;
      return;
    }
    cancel = clock.after(Math.max(0, startedAt + STEP_MS - clock.monotonic()), () => {
      const began = clock.monotonic();
      void countAll().then(() => plan(began));
    });
  }

  function track(account: string): Counted {
    const known = accounts.get(account) ?? { points: [], askedAt: 0 };
    known.askedAt = clock.monotonic();
    // Put back at the end, behind all that were asked for longer ago.
    accounts.delete(account);
    if (accounts.size >= MAX_ACCOUNTS) {
      accounts.delete(accounts.keys().next().value!);
      onForgotten();
    }
    accounts.set(account, known);
    if (cancel === undefined) plan(clock.monotonic());
    return known;
  }

  return {
    async read(account, range) {
      const { spanMs, stepMs } = RANGES[range];
      const counted = track(account);
      if (counted.points.length === 0) await count(account, counted);
      const since = engine.now() - spanMs;
      return { stepSeconds: stepMs / 1000, points: thin(counted.points, since, stepMs) };
    },
    close() {
      closed = true;
      cancel?.();
      accounts.clear();
    },
  };
}

/** The first point of each step. */
function thin(points: readonly HistoryPoint[], since: number, stepMs: number): HistoryPoint[] {
  let step = Number.NEGATIVE_INFINITY;
  return points.filter(({ at }) => {
    const own = Math.floor(at / stepMs);
    if (at < since || (stepMs > STEP_MS && own === step)) return false;
    step = own;
    return true;
  });
}
