import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect } from 'chai';

/** How late news may reach a tab (docs/reliability.md). */
export const PROMPT_MS = 250;

/**
 * How late this process itself was: where the machine has more to do than it can, whatever is measured here is late by as
 * much, and says nothing about Vigil.
 */
export interface Lateness {
  readonly worstMs: number;
  close(): void;
}

export function measureLateness(): Lateness {
  const delays = monitorEventLoopDelay({ resolution: 5 });
  delays.enable();
  return {
    get worstMs() {
      return Math.ceil(delays.max / 1e6);
    },
    close: () => void delays.disable(),
  };
}

/** Not a millisecond early, and late by no more than allowed and this process was. */
export function expectPrompt(
  delayMs: number,
  lateness: Lateness,
  what: string,
  allowedMs: number = PROMPT_MS,
): void {
  expect(delayMs, what).to.be.within(0, allowedMs + lateness.worstMs);
}

/** A figure for docs/reliability.md; shown where VIGIL_FIGURES is set. */
export function figure(what: string, value: number | string): void {
  if (process.env.VIGIL_FIGURES) console.log(`      · ${what}: ${value}`);
}
