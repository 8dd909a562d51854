import fc from 'fast-check';
import type { Engine, EngineOptions } from '../../../server/engine/engine.ts';

/** Short, so that a history of a few dozen steps is a life: warned, resumed, ended, forgotten. */
export const OPTIONS: EngineOptions = {
  leadMs: 5_000,
  minTimeoutMs: 15_000,
  audit: { maxAgeMs: 31 * 86_400_000, maxEvents: 12 },
};
export const TIMEOUTS_S = [10, 20, 25, 60];
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** One step of a history: what is asked of an engine, given what it said before. */
export interface Act {
  readonly says: string;
  run(world: World): Promise<unknown>;
}

/** An engine in a history, and what its users remember. */
export interface World {
  engine: Engine;
  clock: { now(): number; advance(ms: number): void; step(ms: number): void };
  /** Where a follower of each account's feed stands. */
  cursors: Map<string, string>;
  /** Ids of the events that were told, in order. */
  eventIds: string[];
}

export function act(says: string, run: (world: World) => Promise<unknown>): Act {
  return { says, run };
}

export const account = fc.constantFrom('acme', '{b}:%');
export const agent = fc.constantFrom('ann', 'bob', 'é:1');
export const sid = fc.constantFrom('s1', 's2', 's3', 's4', 's:é');
export const tab = fc.constantFrom('t1', 't2', 't3');
/** What a sweep answers may differ (it may be early); when nothing is due at all does not. */
export async function sweep({ engine }: World): Promise<boolean> {
  return (await engine.sweep()) === Number.POSITIVE_INFINITY;
}
