import type { Clock } from '../../clock.ts';
import type { PartitionCalls } from './partition-calls.ts';
import type { Partitions } from './partitions.ts';

/** Entries grow old by the day: reading passes over them, so that they are removed may wait. */
const EVERY_MS = 60_000;
const ACCOUNTS = 20;

/** Removes what is older than it is to be kept. Every node looks; who comes first does it. */
export class AuditTrimming {
  readonly #parts: { partitions: Partitions; calls: PartitionCalls; clock: Clock };
  #dueAt = Number.NEGATIVE_INFINITY;

  constructor(parts: { partitions: Partitions; calls: PartitionCalls; clock: Clock }) {
    this.#parts = parts;
  }

  /** A bounded batch of each partition; rejects with EngineUnavailable, and then tries again the next time. */
  async trimIfDue(): Promise<void> {
    const { partitions, calls, clock } = this.#parts;
    const now = clock.monotonic();
    if (now < this.#dueAt) return;
    const answers = await Promise.all(
      partitions.all().map((partition) => calls.call('trim-audit', partition, [String(ACCOUNTS)])),
    );
    if (!answers.includes('1')) this.#dueAt = now + EVERY_MS;
  }
}
