import type { Clock } from '../../clock.ts';
import { CHANNELS, countEars } from '../../redis/hearing.ts';
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
  /** Time is what a test says: then nobody waits for a server's first second to pass. */
  timeIsGiven: boolean;
}

/**
 * A node that starts and finds nothing, where other nodes are there, has come after a loss that these have not met yet. It
 * knows nobody, and would take for new whoever comes: it lets those go first who can put something back.
 */
export async function letOthersGoFirst(meeting: FirstMeeting): Promise<void> {
  const { link, clock, log, sharded, timeIsGiven } = meeting;
  const startedAt = clock.monotonic();
  let isSaid = false;
  while (await isBlank(meeting)) {
    const areThere = (await countEars(link, sharded)) > 0;
    // Where Redis itself has just started, they may not be back yet.
    if (!areThere && (timeIsGiven || !(await hasJustStarted(link)))) return;
    if (clock.monotonic() - startedAt >= PATIENCE_MS) return;
    if (areThere && !isSaid)
      log.info({}, 'Redis holds no data, and other nodes are there: they put back first what they know');
    isSaid ||= areThere;
    await new Promise<void>((resolve) => void clock.after(LOOK_MS, resolve));
  }
}

/** Whether any partition has no data. */
async function isBlank({ link, partitions }: FirstMeeting): Promise<boolean> {
  const keys = partitions.all().map((partition) => partitions.clock(partition));
  const epochs = await Promise.all(keys.map((key) => link.send(key, ['HEXISTS', key, 'epoch'])));
  return epochs.includes(0);
}

/** In its first second; where it does not tell, it is taken for older. */
async function hasJustStarted(link: ScriptedLink): Promise<boolean> {
  const info = String(await link.send(CHANNELS, ['INFO', 'server']));
  return /^uptime_in_seconds:0\r?$/m.test(info);
}
