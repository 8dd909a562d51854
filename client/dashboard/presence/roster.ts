import { batch, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { type AgentPresence, emptyCounts, type PresenceCounts } from '../../../shared/presence.ts';
import type { ChangesMessage, SnapshotMessage } from '../../../shared/protocol.ts';
import { createTrail, type Trail } from './trail.ts';

/**
 * `loading`: nothing is known yet; `unreachable`: nor is the server to be had; `live`: what is shown is so; `stale`: it
 * was so when the link was lost.
 */
export type RosterStatus = 'loading' | 'unreachable' | 'live' | 'stale';

/** Everybody who has a live session, as the feed tells it. */
export interface Roster {
  readonly agents: ReadonlyMap<string, AgentPresence>;
  readonly status: ReadonlySignal<RosterStatus>;
  readonly counts: ReadonlySignal<PresenceCounts>;
  readonly warned: ReadonlySignal<number>;
  /** Grows at most once a frame, when anybody changed. */
  readonly version: ReadonlySignal<number>;
  /** The server's time of what was heard last. */
  readonly heardAt: ReadonlySignal<number>;
  /** What this page has seen of everybody since it was opened. */
  readonly trail: Trail;
  /** One agent; it changes alone, so that a row is drawn anew only when its own agent did. */
  row(id: string): ReadonlySignal<AgentPresence | undefined>;
  snapshot(message: SnapshotMessage): void;
  changes(message: ChangesMessage): void;
  /** The link is lost, or back. */
  link(up: boolean): void;
  /** There is no link, try after try. */
  failing(): void;
  /** The session is over: nothing stays. */
  clear(): void;
}

/** Runs something before the next picture is drawn, or soon where none is. */
export type Schedule = (run: () => void) => void;

const MAX_ROW_SIGNALS = 2_000;

export function createRoster(schedule: Schedule): Roster {
  const agents = new Map<string, AgentPresence>();
  const rows = new Map<string, Signal<AgentPresence | undefined>>();
  const changed = new Set<string>();
  const trail = createTrail();
  const status = signal<RosterStatus>('loading');
  const counts = signal(emptyCounts());
  const warned = signal(0);
  const version = signal(0);
  const heardAt = signal(0);
  let latest = emptyCounts();
  let latestAt = 0;
  let latestStatus: RosterStatus = 'loading';
  let scheduled = false;
  let warnedNow = 0;
  /** Who has been named since a snapshot began; null where none is under way. */
  let named: Set<string> | null = null;

  function put(agent: AgentPresence, at: number): void {
    warnedNow += Number(agent.warned) - Number(agents.get(agent.id)?.warned ?? false);
    agents.set(agent.id, agent);
    named?.add(agent.id);
    changed.add(agent.id);
    trail.see(agent, at);
  }
  function remove(id: string, at: number): void {
    const known = agents.get(id);
    if (known === undefined) return;
    warnedNow -= Number(known.warned);
    agents.delete(id);
    changed.add(id);
    trail.leave(id, at);
  }

  function publish(): void {
    scheduled = false;
    batch(() => {
      for (const id of changed) {
        const row = rows.get(id);
        if (row !== undefined) row.value = agents.get(id);
      }
      if (changed.size > 0) version.value += 1;
      changed.clear();
      counts.value = latest;
      warned.value = warnedNow;
      heardAt.value = latestAt;
      status.value = latestStatus;
    });
    forgetRows();
  }
  function publishSoon(): void {
    if (scheduled) return;
    scheduled = true;
    schedule(publish);
  }

  /** Rows that were scrolled by are forgotten when there are many; one that is still shown asks anew. */
  function forgetRows(): void {
    if (rows.size <= MAX_ROW_SIGNALS) return;
    for (const id of rows.keys()) {
      if (rows.size <= MAX_ROW_SIGNALS / 2) break;
      if (!agents.has(id)) rows.delete(id);
    }
  }

  return {
    agents,
    status,
    counts,
    warned,
    version,
    heardAt,
    trail,
    row(id) {
      let row = rows.get(id);
      if (row === undefined) {
        row = signal(agents.get(id));
        rows.set(id, row);
      }
      return row;
    },
    snapshot(message) {
      named ??= new Set();
      for (const agent of message.agents) put(agent, message.serverTime);
      if (!message.more) {
        // Whoever left while the link was down is in no piece.
        for (const id of [...agents.keys()]) if (!named.has(id)) remove(id, message.serverTime);
        named = null;
        latestStatus = 'live';
      }
      latest = message.counts;
      latestAt = message.serverTime;
      publishSoon();
    },
    changes(message) {
      for (const agent of message.agents) put(agent, message.serverTime);
      for (const id of message.removed) remove(id, message.serverTime);
      latest = message.counts;
      latestAt = message.serverTime;
      publishSoon();
    },
    link(up) {
      // A connection begins with a snapshot; one that broke off counts for nothing.
      named = null;
      if (!up && latestStatus === 'live') latestStatus = 'stale';
      publishSoon();
    },
    failing() {
      if (latestStatus === 'loading') latestStatus = 'unreachable';
      publishSoon();
    },
    clear() {
      agents.clear();
      for (const id of rows.keys()) changed.add(id);
      latest = emptyCounts();
      warnedNow = 0;
      latestStatus = 'loading';
      publishSoon();
    },
  };
}
