import type { AgentPresence, PresenceCounts } from '../../../shared/presence.ts';
import type { ShownState } from './states.ts';
import { shownState } from './states.ts';

/** A stretch of time in one state, as far as it was seen; `until` null: it still lasts. */
export interface Stretch {
  state: ShownState;
  from: number;
  until: number | null;
}

export interface CountPoint extends PresenceCounts {
  at: number;
}

/** What this page has seen since it was opened, bounded. */
export interface Trail {
  see(agent: AgentPresence, at: number): void;
  leave(id: string, at: number): void;
  of(id: string): readonly Stretch[];
}

/** Changes that are remembered of one agent. */
const MAX_STRETCHES = 60;
const MAX_AGENTS = 20_000;

export function createTrail(): Trail {
  const seen = new Map<string, Stretch[]>();

  function close(stretches: Stretch[] | undefined, at: number): void {
    const last = stretches?.at(-1);
    if (last !== undefined && last.until === null) last.until = at;
  }

  return {
    see(agent, at) {
      const state = shownState(agent);
      let stretches = seen.get(agent.id);
      const last = stretches?.at(-1);
      if (last !== undefined && last.until === null && last.state === state) return;
      close(stretches, at);
      if (stretches === undefined) {
        if (seen.size >= MAX_AGENTS) return;
        stretches = [];
        seen.set(agent.id, stretches);
      }
      // The first sight knows since when; activity is told by its newest input, so it began before.
      const known =
        stretches.length === 0 && state !== 'active' && state !== 'warned' ? agent.stateSince : null;
      stretches.push({ state, from: Math.min(known ?? at, at), until: null });
      if (stretches.length > MAX_STRETCHES) stretches.shift();
    },
    leave(id, at) {
      close(seen.get(id), at);
    },
    of: (id) => seen.get(id) ?? [],
  };
}

/** Counts that this page has seen, one point each while, no more than fit a chart. */
export function createCountLog(everyMs: number, keep: number) {
  const points: CountPoint[] = [];
  return {
    points: points as readonly CountPoint[],
    add(counts: PresenceCounts, at: number): void {
      const last = points.at(-1);
      if (last !== undefined && at - last.at < everyMs) return;
      points.push({ ...counts, at });
      if (points.length > keep) points.shift();
    },
  };
}
