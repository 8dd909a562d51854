import { randomUUID } from 'node:crypto';
import { ErrorReply } from 'redis';
import { type EngineOptions, EngineUnavailable, type Policy } from '../engine.ts';
import { chunksOf, type Partitions } from './partitions.ts';
import type { Recent } from './recent.ts';
import { REPEATED_MS } from './recent-ends.ts';
import type { RecentRev } from './recent-revs.ts';
import { isOfTheServer, type ScriptedLink } from './scripted-link.ts';
import type { Witness } from './witness.ts';
import { policyWords, tabWords, touchWords, voucherWords } from './words.ts';

type Log = { warn(fields: object, message: string): void };

const ATTEMPTS = 3;
/** How many of them one script call restores. */
const RESTORE_BATCH = 100;
const REPEAT_BATCH = 50;
const INPUT_BATCH = 500;
/** In which the nodes come over to another server: Sentinels are asked once a second. */
const OTHERS_FIRST_MS = 1_500;

export interface CallOptions extends EngineOptions {
  nodeId: string;
  /** Engine time as this node knows it. */
  now: () => number;
  /** Engine time that is handed to the scripts in place of Redis's own; tests only. */
  timeSource: (() => number) | undefined;
  /** The data were lost: what stands outside of the partitions may be gone, too. */
  onLoss: () => Promise<void>;
  /** Tells what a step emitted. */
  tell: (partition: number, id: string, emissions: string) => void;
  log: Log;
}

/** What a node knows of its own. */
export interface Known {
  partitions: Partitions;
  witness: Witness;
  recent: Recent;
}

/**
 * Calls scripts on partitions, each under the epoch of the data that this node knows. Where Redis holds other data, they
 * were lost: then the node first puts back what it knows, and only after that is the call carried out. So it is where a
 * server has failed, and another may have taken its place that lacks the last moments: then the last ends are repeated.
 */
export class PartitionCalls {
  readonly #link: ScriptedLink;
  readonly #partitions: Partitions;
  readonly #witness: Witness;
  readonly #recent: Recent;
  readonly #options: CallOptions;
  readonly #epochs = new Map<number, string>();
  /** When the data that this node knows last answered; putting back what may be lost of them is not that. */
  readonly #heardAt = new Map<number, number>();
  readonly #meeting = new Map<number, Promise<void>>();
  /** How often a server had failed when the last ends were made sure of. */
  readonly #sureAt = new Map<number, number>();
  readonly #repeating = new Map<number, Promise<void>>();
  /** Who serves a partition, and how often that was found to be another. */
  readonly #servers = new Map<number, string>();
  readonly #changes = new Map<number, number>();

  constructor(link: ScriptedLink, { partitions, witness, recent }: Known, options: CallOptions) {
    this.#link = link;
    this.#partitions = partitions;
    this.#witness = witness;
    this.#recent = recent;
    this.#options = options;
  }

  /** Rejects with EngineUnavailable. */
  async call(name: string, partition: number, args: string[]): Promise<unknown> {
    for (let attempt = 1; ; attempt += 1) {
      const epoch = this.#epochs.get(partition) ?? '';
      try {
        if (!this.#isSure(partition)) await this.#makeSure(epoch, partition);
        const answer = await this.#callUnder(epoch, name, partition, args);
        this.#heard(partition);
        return answer;
      } catch (error) {
        if (!(error instanceof ErrorReply) || attempt === ATTEMPTS || !error.message.startsWith('EPOCH'))
          throw asUnavailable(error);
      }
      if ((this.#epochs.get(partition) ?? '') !== epoch) continue;
      await this.#meet(partition).catch((error: unknown) => {
        throw asUnavailable(error);
      });
    }
  }

  #callUnder(epoch: string, name: string, partition: number, args: string[]): Promise<unknown> {
    const { nodeId, leadMs, minTimeoutMs } = this.#options;
    const ours = [epoch, this.#time(), nodeId, String(leadMs), String(minTimeoutMs)];
    return this.#link.run(name, this.#partitions.clock(partition), [...ours, ...args]);
  }

  #heard(partition: number): void {
    const now = this.#options.now();
    this.#heardAt.set(partition, now);
    this.#recent.answered(partition, now);
  }

  /** For what reads without a script. */
  async ready(partition: number): Promise<void> {
    if (!this.#isSure(partition)) await this.call('read-sessions', partition, []);
  }

  #isSure(partition: number): boolean {
    return (this.#sureAt.get(partition) ?? 0) === this.#failuresOf(partition);
  }

  /** Grows whenever a server that lacks the last moments may have taken the place of another. */
  #failuresOf(partition: number): number {
    return this.#link.failuresOf(this.#partitions.clock(partition)) + (this.#changes.get(partition) ?? 0);
  }

  /** A sweep found out who serves the partition. It may be another without a call that failed: redirections are followed. */
  servedBy(partition: number, server: string): void {
    const known = this.#servers.get(partition);
    this.#servers.set(partition, server);
    if (known !== undefined && known !== server)
      this.#changes.set(partition, (this.#changes.get(partition) ?? 0) + 1);
  }

  #makeSure(epoch: string, partition: number): Promise<void> {
    return this.#onceAtATime(this.#repeating, partition, () => this.#repeatLast(epoch, partition));
  }

  /** Of what this node last knew to be so, what a failover may have lost and others were told of. */
  async #repeatLast(epoch: string, partition: number): Promise<void> {
    const failures = this.#failuresOf(partition);
    const since = (this.#heardAt.get(partition) ?? 0) - REPEATED_MS;
    const isRecent = ([account, policy]: [string, Policy]) =>
      this.#partitions.of(account) === partition && (policy.updatedAt ?? 0) >= since;
    const policies = this.#witness.policies(() => true).filter(isRecent);
    const here = (account: string) => this.#partitions.of(account) === partition;
    try {
      // First, since a full Redis takes them, and no policy.
      await this.#repeatEnds(epoch, partition);
      const logins = this.#witness.newcomers(here, since).map(voucherWords);
      await this.#putBack(epoch, partition, 'vouch-sessions', logins);
      await this.#putBack(epoch, partition, 'raise-revs', this.#recent.revs.words(partition, since));
      await this.#repeatInput(epoch, partition, since);
      await this.#putBack(epoch, partition, 'file-tabs', this.#witness.tabs(here, since).map(tabWords));
      await this.#putBack(epoch, partition, 'restore-policies', policies.map(policyWords));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // It must not keep everything else from going on.
      this.#options.log.warn({ err: error, partition }, 'the last ends and policies could not be put back');
    }
    this.#sureAt.set(partition, failures);
  }

  async #repeatInput(epoch: string, partition: number, since: number): Promise<void> {
    const here = (account: string) => this.#partitions.of(account) === partition;
    for (const batch of chunksOf(this.#witness.activities(here, since), INPUT_BATCH))
      await this.#putBack(epoch, partition, 'touch-agents', [touchWords(batch)]);
  }

  async #repeatEnds(epoch: string, partition: number): Promise<void> {
    const { ends } = this.#recent;
    const since = (this.#heardAt.get(partition) ?? 0) - REPEATED_MS;
    const repeat = (words: string[][]) => this.#putBack(epoch, partition, 'repeat-ends', words, REPEAT_BATCH);
    await repeat(ends.words(partition, since));
    if (ends.bareWords(partition, since).length === 0) return;
    // Whoever has been told of an end knows its events: were this node first, others would be told of two.
    await new Promise<void>((resolve) => setTimeout(resolve, OTHERS_FIRST_MS).unref());
    await repeat(ends.bareWords(partition, since));
  }

  #time(): string {
    return this.#options.timeSource === undefined ? '' : String(this.#options.timeSource());
  }

  #meet(partition: number): Promise<void> {
    return this.#onceAtATime(this.#meeting, partition, () => this.#meetOnce(partition));
  }

  #onceAtATime(
    underWay: Map<number, Promise<void>>,
    partition: number,
    run: () => Promise<void>,
  ): Promise<void> {
    let running = underWay.get(partition);
    if (running === undefined) {
      running = run().finally(() => underWay.delete(partition));
      underWay.set(partition, running);
    }
    return running;
  }

  async #meetOnce(partition: number): Promise<void> {
    const known = this.#epochs.get(partition) ?? '';
    const heardAt = String(Math.floor(this.#heardAt.get(partition) ?? 0));
    const name = randomUUID().slice(0, 8);
    const args = [known, name, heardAt, this.#time()];
    const epoch = await this.#link.run('meet-epoch', this.#partitions.clock(partition), args);
    if (known !== '') {
      this.#options.log.warn(
        { partition, known, epoch },
        'Redis lost data; putting back what this node knows',
      );
      await this.#options.onLoss();
      await this.#restore(partition, String(epoch));
    }
    this.#epochs.set(partition, String(epoch));
  }

  async #restore(partition: number, epoch: string): Promise<void> {
    const here = (account: string) => this.#partitions.of(account) === partition;
    const putBack = (script: string, items: string[][]) => this.#putBack(epoch, partition, script, items);
    await putBack('restore-policies', this.#witness.policies(here).map(policyWords));
    await this.#repeatEnds(epoch, partition);
    await putBack('vouch-sessions', this.#witness.logins(here).map(voucherWords));
    await putBack('file-tabs', this.#witness.tabs(here).map(tabWords));
  }

  async #putBack(
    epoch: string,
    partition: number,
    script: string,
    items: string[][],
    size = RESTORE_BATCH,
  ): Promise<void> {
    for (const batch of chunksOf(items, size)) {
      const [, , id = '', emissions = ''] = (await this.#callUnder(
        epoch,
        script,
        partition,
        batch.flat(),
      )) as string[];
      this.#options.tell(partition, id, emissions);
    }
  }

  /** What becomes of these agents from now on is newer than what this node was told of them. */
  async raiseRevs(partition: number, told: RecentRev[]): Promise<void> {
    for (const batch of chunksOf(told, RESTORE_BATCH)) {
      const words = batch.flatMap((rev) => rev.words());
      const [, , id = '', emissions = ''] = (await this.call('raise-revs', partition, words)) as string[];
      this.#options.tell(partition, id, emissions);
    }
  }

  /** Files this node's open tabs again: it was taken for dead. */
  async fileTabs(partition: number): Promise<void> {
    const tabs = this.#witness.tabs((account) => this.#partitions.of(account) === partition).map(tabWords);
    for (const batch of chunksOf(tabs, RESTORE_BATCH)) await this.call('file-tabs', partition, batch.flat());
  }
}

/** Redis answered, and refused what it was asked. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof EngineUnavailable && error.cause instanceof ErrorReply && !isOfTheServer(error.cause)
  );
}

function asUnavailable(error: unknown): EngineUnavailable {
  if (error instanceof EngineUnavailable) return error;
  return new EngineUnavailable('Redis lost data, and the nodes are putting back what they know', {
    cause: error,
  });
}
