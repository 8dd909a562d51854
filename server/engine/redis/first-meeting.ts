import type { Clock } from '../../clock.ts';
import { countEars } from '../../redis/hearing.ts';
import type { Partitions } from './partitions.ts';
import type { ScriptedLink } from './scripted-link.ts';

/** By then the others have met the loss, and have said whom they know. */
const PATIENCE_MS = 5_000;
const LOOK_MS = 100;

export interface FirstMeeting {
  link: ScriptedLink;
  partitions: Partitions;
  clock: Clock;
  log: { info(fields: object, message: string): void };
  /** Redis is a Cluster. */
  sharded: boolean;
}

/**
 * A node that starts and finds nothing, where other nodes are there, has come after a loss that these have not met yet. It
 * knows nobody, and would take for new whoever comes: it lets those go first who can put something back.
 */
export async function letOthersGoFirst(meeting: FirstMeeting): Promise<void> {
  const { link, clock, log, sharded } = meeting;
  const startedAt = clock.monotonic();
  let isSaid = false;
  while ((await isBlank(meeting)) && (await countEars(link, sharded)) > 0) {
    if (clock.monotonic() - startedAt >= PATIENCE_MS) return;
    if (!isSaid)
      log.info({}, 'Redis holds no data, and other nodes are there: they put back first what they know');
    isSaid = true;
    await new Promise<void>((resolve) => void clock.after(LOOK_MS, resolve));
  }
}

/** Whether any partition has no data. */
async function isBlank({ link, partitions }: FirstMeeting): Promise<boolean> {
  const keys = partitions.all().map((partition) => partitions.clock(partition));
  const epochs = await Promise.all(keys.map((key) => link.send(key, ['HEXISTS', key, 'epoch'])));
  return epochs.includes(0);
}
