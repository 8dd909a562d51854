import type { Emission, Engine, EngineOptions } from '../../../server/engine/engine.ts';

/** The engine's clock in the hands of a test: with Redis it stands in for `TIME`. */
export interface EngineClock {
  now(): number;
  /** Lets time pass. Nothing sweeps meanwhile: the suite calls `sweep` itself. */
  advance(ms: number): void;
  /** Somebody set the clock (negative: back). */
  step(ms: number): void;
}

/** An engine under test, on a store of its own that is empty at the start. */
export interface EngineHarness {
  /** The engine as it runs now; another one after `reopen`. */
  readonly engine: Engine;
  readonly clock: EngineClock;
  /** All that the relay was told, in order, across restarts. */
  readonly emissions: Emission[];
  /** kill -9, `downMs` of nothing, and a new start on the same store. */
  reopen(downMs?: number): Promise<void>;
  /** Closes the engine and removes its store. */
  close(): Promise<void>;
}

/** Starts an engine whose clock stands at `START` and that sweeps only when told to. */
export type OpenEngine = (options: EngineOptions) => Promise<EngineHarness>;

export const START = Date.UTC(2026, 0, 5, 9);
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** What the suite's engines run with, unless a test says otherwise. */
export const LEAD = MINUTE;
export const MIN_TIMEOUT = 15 * MINUTE;
/** The timeout where no policy was ever saved. */
export const DEFAULT_TIMEOUT = DAY;
