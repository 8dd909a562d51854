import type { VigilEvent } from '../../../shared/events.ts';
import type { Emission, LoginRef, SessionEnd } from '../engine.ts';
import { encodeId } from '../ids.ts';
import type { Partitions } from './partitions.ts';
import { moment } from './words.ts';

/** What a failover may lose of it: Redis acknowledges what no replica has yet. */
export const REPEATED_MS = 10_000;
const MAX_KEPT = 20_000;
const MAX_FOUND = 2_000;

interface End {
  account: string;
  agent: string;
  rev: number;
  sids: string[];
  reason: string;
  endedAt: number;
  /** `session.ended`, and `agent.unavailable` where it came with it. */
  events: VigilEvent[];
}

export interface RecentOptions {
  partitions: Partitions;
  now: () => number;
  onDropped: () => void;
}

/**
 * The ends of the last 10 s that this node told or was told of. Redis may lose what it acknowledged, and tabs and webhooks
 * know of these ends: the nodes repeat them, with the ids of their events (repeat-ends.lua).
 */
export class RecentEnds {
  readonly #partitions: Partitions;
  readonly #now: () => number;
  readonly #onDropped: () => void;
  readonly #kept: Map<number, End[]>;
  /** Ends that nobody has told this node of, and that it has found by asking or read, by `sid`. */
  readonly #found = new Map<string, End>();
  #count = 0;

  constructor({ partitions, now, onDropped }: RecentOptions) {
    this.#partitions = partitions;
    this.#now = now;
    this.#onDropped = onDropped;
    this.#kept = new Map(partitions.all().map((partition) => [partition, []]));
  }

  note({ account, agent, pushes, events }: Emission): void {
    if (agent === null) return;
    const [first] = events;
    for (const push of pushes) {
      if (push.type !== 'ended' || first === undefined) continue;
      const { rev, sids, reason, endedAt } = push;
      this.#keep(this.#kept.get(this.#partitions.of(account))!, {
        ...{ account, agent, rev, sids, reason, endedAt },
        events: events.filter(({ type }) => type === 'session.ended' || type === 'agent.unavailable'),
      });
    }
  }

  /** Redis said so, and tabs were told; whoever carried it out may be gone. It is repeated with an event of its own. */
  found({ account, agent, sid }: LoginRef, { reason, endedAt }: SessionEnd): void {
    this.#find({ account, agent, rev: 0, sids: [sid], reason, endedAt, events: [] });
  }

  /** Somebody reads these from the log: a receiver or a host knows of the ends among them, whether tabs were told or not. */
  read(events: readonly VigilEvent[]): void {
    for (const event of events) {
      if (event.type !== 'session.ended' || event.at < this.#now() - REPEATED_MS) continue;
      const { agent, sessions: sids, reason } = event.data;
      const after = events.find(({ type, at, data }) => {
        return type === 'agent.unavailable' && at === event.at && 'agent' in data && data.agent === agent;
      });
      this.#find({
        ...{ account: event.account, agent, rev: 0, sids, reason, endedAt: event.at },
        events: after === undefined ? [event] : [event, after],
      });
    }
  }

  #find(end: End): void {
    const name = nameOf(end, end.sids[0]!);
    if (end.events.length === 0 && this.#found.has(name)) return;
    if (this.#found.size >= MAX_FOUND) this.#found.delete(this.#found.keys().next().value!);
    this.#found.set(name, end);
  }

  #keep(ends: End[], end: End): void {
    for (const sid of end.sids) this.#found.delete(nameOf(end, sid));
    ends.push(end);
    this.#count += 1;
    if (this.#count <= MAX_KEPT) return;
    ends.shift();
    this.#count -= 1;
    this.#onDropped();
  }

  /**
   * The data of a partition have answered: what is older than they may lose is let go. Not for what other nodes tell: they
   * may have found the data again before this one has.
   */
  answered(partition: number, now: number): void {
    const ends = this.#kept.get(partition)!;
    const recent = ends.findIndex(({ endedAt }) => endedAt >= now - REPEATED_MS);
    if (recent !== 0) this.#count -= ends.splice(0, recent === -1 ? ends.length : recent).length;
  }

  /** What repeat-ends.lua is given for each end of a partition since a moment whose events are known, oldest first. */
  words(partition: number, since: number): string[][] {
    const found = this.#foundIn(partition).filter(({ events }) => events.length > 0);
    return wordsOf([...this.#kept.get(partition)!, ...found], since);
  }

  /** The same for ends of which this node knows that they were, and no more: they get events of their own. */
  bareWords(partition: number, since: number): string[][] {
    const told = new Set(
      this.#kept.get(partition)!.flatMap((end) => end.sids.map((sid) => nameOf(end, sid))),
    );
    const bare = this.#foundIn(partition).filter((end) => {
      return end.events.length === 0 && !told.has(nameOf(end, end.sids[0]!));
    });
    return wordsOf(bare, since);
  }

  #foundIn(partition: number): End[] {
    return [...this.#found.values()].filter(({ account }) => this.#partitions.of(account) === partition);
  }
}

function nameOf({ account }: End, sid: string): string {
  return `${account}\n${sid}`;
}

function wordsOf(ends: readonly End[], since: number): string[][] {
  return ends
    .filter(({ endedAt }) => endedAt >= since)
    .map(({ account, agent, rev, sids, reason, endedAt, events }) => [
      ...[account, agent].map(encodeId),
      moment(rev),
      reason,
      moment(endedAt),
      String(sids.length),
      ...sids.map(encodeId),
      String(events.length),
      ...events.flatMap((event) => [event.id, event.type, JSON.stringify(event)]),
    ]);
}
