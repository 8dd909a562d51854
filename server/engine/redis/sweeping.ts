import type { Clock } from '../../clock.ts';
import type { EngineUnavailable, Policy } from '../engine.ts';
import { Due } from './due.ts';
import type { Outbox } from './outbox.ts';
import type { PartitionCalls } from './partition-calls.ts';
import type { Partitions } from './partitions.ts';
import type { ServerTime } from './server-time.ts';
import type { Witness } from './witness.ts';

/** Transitions in one script call, of all and of one account: Redis serves nobody else meanwhile. */
const SCRIPT_BATCH = 100;
const ACCOUNT_BATCH = 50;
/** Script calls on one partition in one sweep; and after so long no more, so that the others are not left unwatched. */
const ROUNDS = 10;
const LONGEST_MS = 500;

type SweepAnswer = [
  now: string,
  backs: string,
  server: string,
  due: string,
  more: string,
  leaseIsNew: string,
  policySeq: string,
  policies: string,
  entries: string[],
  outboxId: string,
  emissions: string,
];

export interface SweepingOptions {
  clock: Clock;
  log: { warn(fields: object, message: string): void };
  /** Whether the scripts are told the time: then their answers teach nothing about it. */
  timeIsGiven: boolean;
}

/** One node's share in the sweep: every partition, a bounded batch each; and what only the sweep finds. */
export class Sweeping {
  readonly #calls: PartitionCalls;
  readonly #partitions: Partitions;
  readonly #outbox: Outbox;
  readonly #time: ServerTime;
  readonly #witness: Witness;
  readonly #options: SweepingOptions;
  readonly #policySeqs = new Map<number, string>();
  /** How often the clock of a partition was set back, as far as this node has seen. */
  readonly #backs = new Map<number, number>();
  /** What is due in which partition. */
  readonly #dues: readonly Due[];
  /** Partitions in which this node has held a lease. */
  readonly #leased = new Set<number>();

  constructor(
    parts: {
      calls: PartitionCalls;
      partitions: Partitions;
      outbox: Outbox;
      time: ServerTime;
      witness: Witness;
    },
    options: SweepingOptions,
  ) {
    this.#calls = parts.calls;
    this.#partitions = parts.partitions;
    this.#outbox = parts.outbox;
    this.#time = parts.time;
    this.#witness = parts.witness;
    this.#options = options;
    this.#dues = parts.partitions.all().map(() => new Due());
  }

  /** A step made something of the partition due then. */
  heard(partition: number, dueAt: number): void {
    this.#dues[partition]!.heard(dueAt);
  }

  /**
   * Sweeps all partitions, or those that are due, also where one cannot be reached; answers the next due moment. Every
   * node wakes for what is due anywhere: were each to look everywhere, that would be most of what many nodes ask of Redis.
   */
  async sweep(reach: 'all' | 'due'): Promise<number> {
    const now = this.#time.now();
    const wanted = this.#partitions
      .all()
      .filter((partition) => reach === 'all' || this.#dues[partition]!.answered <= now);
    const swept = await Promise.allSettled(
      wanted.map((partition) => this.#dues[partition]!.follow(() => this.#sweep(partition, reach))),
    );
    const failed = swept.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason as EngineUnavailable;
    return Math.min(...this.#dues.map((due) => due.answered));
  }

  async #sweep(partition: number, reach: 'all' | 'due'): Promise<number> {
    const { clock } = this.#options;
    const until = clock.monotonic() + LONGEST_MS;
    for (let round = 1; ; round += 1) {
      const { due, more } = await this.#sweepOnce(partition, reach === 'all' && round === 1);
      if (!more || round === ROUNDS || clock.monotonic() >= until) return due;
    }
  }

  async #sweepOnce(partition: number, asks: boolean): Promise<{ due: number; more: boolean }> {
    const askedAt = this.#options.clock.monotonic();
    const seq = this.#policySeqs.get(partition) ?? '0';
    const answer = await this.#calls.call('sweep-partition', partition, [
      seq,
      String(SCRIPT_BATCH),
      String(ACCOUNT_BATCH),
      asks ? '1' : '',
    ]);
    const [now, backs, server, due, more, leaseIsNew, policySeq, policies, entries, id, emissions] =
      answer as SweepAnswer;
    if (server !== '') this.#calls.servedBy(partition, server);
    this.#learnTime(partition, { now: Number(now), backs: Number(backs), askedAt });
    this.#learnPolicies(partition, policySeq, policies);
    for (let at = 0; at < entries.length; at += 2)
      this.#outbox.tell(partition, entries[at]!, entries[at + 1]!);
    this.#outbox.tell(partition, id, emissions);
    // A lease that is new again: the node was taken for dead, and its tabs with it.
    if (leaseIsNew === '1' && this.#leased.has(partition)) await this.#calls.fileTabs(partition);
    this.#leased.add(partition);
    return { due: due === '' ? Number.POSITIVE_INFINITY : Number(due), more: more === '1' };
  }

  #learnTime(
    partition: number,
    { now, backs, askedAt }: { now: number; backs: number; askedAt: number },
  ): void {
    const { clock, log, timeIsGiven } = this.#options;
    const known = this.#backs.get(partition);
    this.#backs.set(partition, backs);
    // By whichever node noticed it: all have to follow.
    if (backs > (known ?? 0)) {
      if (known !== undefined) log.warn({ to: now }, 'the clock of Redis stepped back; taken over as a gap');
      this.#time.setBack(now);
    }
    if (!timeIsGiven) this.#time.learn(now, askedAt, clock.monotonic());
  }

  #learnPolicies(partition: number, seq: string, policies: string): void {
    this.#policySeqs.set(partition, seq);
    for (const { account, policy } of JSON.parse(policies) as { account: string; policy: Policy }[])
      this.#witness.policy(account, policy);
  }
}
