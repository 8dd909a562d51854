import { EngineUnavailable } from '../engine.ts';
import { chunksOf } from './partitions.ts';

/** Items in one script call. */
const CALL_BATCH = 500;

/**
 * Items by partition, carried out beside each other. Where a partition cannot be reached the others' are carried out all
 * the same, and the error says which are left.
 */
export async function inBatches<T>(
  groups: ReadonlyMap<number, readonly T[]>,
  carryOut: (partition: number, batch: T[]) => Promise<void>,
): Promise<void> {
  const batches = [...groups].flatMap(([partition, group]) =>
    chunksOf(group, CALL_BATCH).map((batch) => ({ partition, batch })),
  );
  const done = await Promise.allSettled(batches.map(({ partition, batch }) => carryOut(partition, batch)));
  const failures = done.map((outcome) => (outcome.status === 'rejected' ? outcome.reason : undefined));
  const isAway = (failure: unknown) => failure instanceof EngineUnavailable;
  const cause = failures.find(isAway) ?? failures.find((failure) => failure !== undefined);
  if (cause === undefined) return;
  if (!isAway(cause)) throw cause;
  const left = batches.flatMap(({ batch }, place) => (isAway(failures[place]) ? batch : []));
  throw new EngineUnavailable(cause.message, { cause, left: new Set(left) });
}
