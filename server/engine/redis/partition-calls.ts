import { randomUUID } from 'node:crypto';
import { ErrorReply } from 'redis';
import { type EngineOptions, EngineUnavailable } from '../engine.ts';
import { chunksOf, type Partitions } from './partitions.ts';
import type { ScriptedLink } from './scripted-link.ts';
import type { Witness } from './witness.ts';
import { policyWords, tabWords, voucherWords } from './words.ts';

type Log = { warn(fields: object, message: string): void };

const ATTEMPTS = 3;
/** How many of them one script call restores. */
const RESTORE_BATCH = 100;

export interface CallOptions extends EngineOptions {
  nodeId: string;
  /** Engine time as this node knows it. */
  now: () => number;
  /** Engine time that is handed to the scripts in place of Redis's own; tests only. */
  timeSource: (() => number) | undefined;
  /** The data were lost: what stands outside of the partitions may be gone, too. */
  onLoss: () => Promise<void>;
  log: Log;
}

/**
 * Calls scripts on partitions, each under the epoch of the data that this node knows. Where Redis holds other data, they
 * were lost: then the node first puts back what it knows, and only after that is the call carried out.
 */
export class PartitionCalls {
  readonly #link: ScriptedLink;
  readonly #partitions: Partitions;
  readonly #witness: Witness;
  readonly #options: CallOptions;
  readonly #epochs = new Map<number, string>();
  readonly #heardAt = new Map<number, number>();
  readonly #meeting = new Map<number, Promise<void>>();

  constructor(link: ScriptedLink, partitions: Partitions, witness: Witness, options: CallOptions) {
    this.#link = link;
    this.#partitions = partitions;
    this.#witness = witness;
    this.#options = options;
  }

  /** Rejects with EngineUnavailable. */
  async call(name: string, partition: number, args: string[]): Promise<unknown> {
    for (let attempt = 1; ; attempt += 1) {
      const epoch = this.#epochs.get(partition) ?? '';
      try {
        return await this.#callUnder(epoch, name, partition, args);
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

  async #callUnder(epoch: string, name: string, partition: number, args: string[]): Promise<unknown> {
    const { nodeId, leadMs, minTimeoutMs, now } = this.#options;
    const ours = [epoch, this.#time(), nodeId, String(leadMs), String(minTimeoutMs)];
    const answer = await this.#link.run(name, this.#partitions.clock(partition), [...ours, ...args]);
    this.#heardAt.set(partition, now());
    return answer;
  }

  #time(): string {
    return this.#options.timeSource === undefined ? '' : String(this.#options.timeSource());
  }

  #meet(partition: number): Promise<void> {
    let meeting = this.#meeting.get(partition);
    if (meeting === undefined) {
      meeting = this.#meetOnce(partition).finally(() => this.#meeting.delete(partition));
      this.#meeting.set(partition, meeting);
    }
    return meeting;
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
    const putBack = async (script: string, items: string[][]) => {
      for (const batch of chunksOf(items, RESTORE_BATCH))
        await this.#callUnder(epoch, script, partition, batch.flat());
    };
    await putBack('restore-policies', this.#witness.policies(here).map(policyWords));
    await putBack('vouch-sessions', this.#witness.logins(here).map(voucherWords));
    await putBack('file-tabs', this.#witness.tabs(here).map(tabWords));
  }

  /** Files this node's open tabs again: it was taken for dead. */
  async fileTabs(partition: number): Promise<void> {
    const tabs = this.#witness.tabs((account) => this.#partitions.of(account) === partition).map(tabWords);
    for (const batch of chunksOf(tabs, RESTORE_BATCH)) await this.call('file-tabs', partition, batch.flat());
  }
}

function asUnavailable(error: unknown): EngineUnavailable {
  if (error instanceof EngineUnavailable) return error;
  return new EngineUnavailable('Redis lost data, and the nodes are putting back what they know', {
    cause: error,
  });
}
