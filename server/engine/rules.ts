import type { Inactivity } from '../../shared/events.ts';

/** What both engines go by. */

export class EngineUnavailable extends Error {
  readonly code = 'unavailable';
  /** Of a list of which a part was taken: the rest, in its order. Undefined: nothing is known to have been taken. */
  readonly left: ReadonlySet<unknown> | undefined;
  constructor(reason: string, { left, ...options }: ErrorOptions & { left?: ReadonlySet<unknown> } = {}) {
    super(reason, options);
    this.name = 'EngineUnavailable';
    this.left = left;
  }
}

export const MAX_SESSIONS = 50;
export const GAP_MS = 2_500;
export const STEP_BACK_MS = 60_000;
export const RETENTION_MS = 31 * 86_400_000;
export const AVAILABILITY_CHANGES_PER_MINUTE = 10;

/** Why an agent whom a timeout ends was inactive. */
export function inactivityOf(facts: { tabs: number; visibleTabs: number }): Inactivity {
  if (facts.tabs === 0) return 'not_open';
  return facts.visibleTabs === 0 ? 'not_active_tab' : 'no_input';
}
