import type { Emission } from '../engine.ts';
import { encodeId } from '../ids.ts';
import type { Partitions } from './partitions.ts';
import { REPEATED_MS } from './recent-ends.ts';
import { availabilityWord, moment } from './words.ts';

const MAX_KEPT = 20_000;

interface Told {
  account: string;
  agent: string;
  rev: number;
  /** Of the newest session that was told: whether it is available, and its rev; null where none was told. */
  session: { available: boolean | null; rev: number } | null;
  at: number;
}

export interface RecentRevsOptions {
  partitions: Partitions;
  now: () => number;
  onDropped: () => void;
}

/**
 * The newest `rev` of each agent that this node told or heard told in the last 10 s, and whether they were available. Tabs
 * drop what is older: should Redis lose the transitions, those that come in their place have to be newer than they were, and
 * whoever has stepped out stays so (raise-revs.lua).
 */
export class RecentRevs {
  readonly #options: RecentRevsOptions;
  /** By partition and agent, the one told longest ago first. */
  readonly #told: Map<number, Map<string, Told>>;
  #count = 0;

  constructor(options: RecentRevsOptions) {
    this.#options = options;
    this.#told = new Map(options.partitions.all().map((partition) => [partition, new Map()]));
  }

  note({ account, agent, pushes }: Emission): void {
    if (agent === null) return;
    for (const push of pushes) {
      if (push.type === 'session') this.#keep(account, agent, push.session);
      else if (push.type === 'warning' || push.type === 'ended') this.#keep(account, agent, push);
    }
  }

  #keep(account: string, agent: string, told: { rev: number; available?: boolean | null }): void {
    const all = this.#told.get(this.#options.partitions.of(account))!;
    const name = `${account}\n${agent}`;
    const known = all.get(name);
    this.#forget(all, name);
    const { rev, available } = told;
    const isNewer = available !== undefined && rev >= (known?.session?.rev ?? 0);
    all.set(name, {
      account,
      agent,
      rev: Math.max(rev, known?.rev ?? 0),
      session: isNewer ? { available, rev } : (known?.session ?? null),
      at: this.#options.now(),
    });
    this.#count += 1;
    if (this.#count <= MAX_KEPT) return;
    this.#forget(all, all.keys().next().value!);
    this.#options.onDropped();
  }

  #forget(told: Map<string, Told>, name: string): void {
    if (told.delete(name)) this.#count -= 1;
  }

  /** The data of a partition have answered: what is older than they may lose is let go. */
  answered(partition: number, now: number): void {
    const told = this.#told.get(partition)!;
    for (const [name, { at }] of told) {
      if (at >= now - REPEATED_MS) break;
      this.#forget(told, name);
    }
  }

  /** What raise-revs.lua is given for each agent of a partition since a moment. */
  words(partition: number, since: number): string[][] {
    return [...this.#told.get(partition)!.values()]
      .filter(({ at }) => at >= since)
      .map(({ account, agent, rev, session }) => [
        encodeId(account),
        encodeId(agent),
        moment(rev),
        availabilityWord(session?.available ?? null),
        moment(session?.rev ?? 0),
      ]);
  }
}
