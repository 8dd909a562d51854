import type { Clock } from '../../clock.ts';
import { encodeId } from '../ids.ts';
import type { PartitionCalls } from './partition-calls.ts';
import { chunksOf, type Partitions } from './partitions.ts';
import type { ScriptedLink } from './scripted-link.ts';
import type { ServerTime } from './server-time.ts';
import type { Witness } from './witness.ts';

/** How long after the link is back they are looked for: all that was under way has been answered or given up by then. */
const DELAY_MS = 10_000;
/** What was opened since then may not have been answered yet. */
const SETTLED_MS = 5_000;
const BATCH = 100;

export interface GhostTabsParts {
  nodeId: string;
  link: ScriptedLink;
  partitions: Partitions;
  witness: Witness;
  time: ServerTime;
  calls: PartitionCalls;
  clock: Clock;
}

/**
 * Tabs that Redis has under this node and the node does not know: the answer to their opening was lost with the link, and
 * they left before they could be filed again. Nobody would ever close them. Looked for after each lost link.
 */
export class GhostTabs {
  readonly #parts: GhostTabsParts;
  readonly #unsubscribe: () => void;
  #dueAt: number | null = null;

  constructor(parts: GhostTabsParts) {
    this.#parts = parts;
    this.#unsubscribe = parts.link.onLink((up) => {
      this.#dueAt = up ? parts.clock.monotonic() + DELAY_MS : null;
    });
  }

  /** Closes them, once it is time to; rejects with EngineUnavailable, and then tries again the next time. */
  async closeIfDue(): Promise<void> {
    const { clock, partitions } = this.#parts;
    if (this.#dueAt === null || clock.monotonic() < this.#dueAt) return;
    for (const partition of partitions.all()) await this.#close(partition);
    this.#dueAt = null;
  }

  async #close(partition: number): Promise<void> {
    const { nodeId, link, partitions, witness, time, calls } = this.#parts;
    const key = partitions.tabsOf(partition, nodeId);
    const filed = (await link.send(key, ['SMEMBERS', key])) as string[];
    if (filed.length === 0) return;
    const known = new Map<string, string[]>();
    for (const { account, agent, tab } of witness.tabs((id) => partitions.of(id) === partition)) {
      const member = `${encodeId(account)} ${encodeId(agent)}`;
      known.set(member, [...(known.get(member) ?? []), tab]);
    }
    const before = String(time.now() - SETTLED_MS);
    for (const batch of chunksOf(filed, BATCH)) {
      const words = batch.flatMap((member) => {
        const tabs = known.get(member) ?? [];
        return [...member.split(' '), String(tabs.length), ...tabs];
      });
      await calls.call('keep-tabs', partition, [before, ...words]);
    }
  }

  stop(): void {
    this.#unsubscribe();
  }
}
