import type { Kind } from './costs.ts';
import { ACCOUNT_SHARES, DAY } from './day.ts';
import { TICK_SECONDS } from './desk.ts';

/** What a day of one agent is expected to come to. */
export interface Expected {
  logins: number;
  touches: number;
  changes: number;
  warned: number;
  timedOut: number;
  loggedOut: number;
}

/** By renewal theory, from what DAY says alone; docs/scaling.md explains it. */
export function expectedDay(): Expected {
  const cycle = DAY.burst + DAY.pause;
  const bursts = workedSeconds() / cycle + 2 * firstShare(cycle);
  const pauses = bursts - DAY.burst / cycle;
  const ordinary = pauses - 1;
  const leftAt = DAY.timeout - DAY.lead;
  const [ended, warned] = [DAY.timeout, leftAt].map(
    (gap) => ordinary * Math.exp(-gap / DAY.pause) + lunchLongerThan(gap),
  ) as [number, number];
  const stays = 1 - DAY.logsOut;
  const logins = 1 + ended;
  const between = 1 / (Math.exp(DAY.reportEvery / DAY.burst) - 1);
  return {
    logins,
    touches: bursts * (1 + between) + pauses - logins,
    changes: logins + 2 * DAY.hides * pauses + DAY.tabs * stays,
    warned: warned + stays,
    timedOut: ended + stays,
    loggedOut: DAY.logsOut,
  };
}

function workedSeconds(): number {
  const { presence, lunch } = DAY;
  return (presence.least + presence.most) / 2 - (lunch.least + lunch.most) / 2;
}

/** By how much more than time over cycle there are bursts from one beginning on: work comes first. */
function firstShare(cycle: number): number {
  const variance = DAY.burst ** 2 + DAY.pause ** 2;
  return 1 + (variance - cycle ** 2) / (2 * cycle ** 2);
}

/** Lunch begins in work, or in a pause that has lasted for some time already. */
function lunchLongerThan(gap: number): number {
  const { least, most } = DAY.lunch;
  const longer = (rest: number) => Math.min(1, Math.max(0, (most - rest) / (most - least)));
  const working = DAY.burst / (DAY.burst + DAY.pause);
  let pausing = 0;
  for (let age = 30; age < 10 * DAY.pause; age += 60) {
    pausing += (longer(gap - age) * Math.exp(-age / DAY.pause) * 60) / DAY.pause;
  }
  return working * longer(gap) + (1 - working) * pausing;
}

export function expectedCounts(agents: number): Record<Kind, number> {
  const day = expectedDay();
  return {
    logins: agents * day.logins,
    tabs: agents * day.logins * DAY.tabs,
    changes: agents * day.changes,
    touches: agents * day.touches,
    logouts: agents * day.loggedOut,
    sweeps: (DAY.until - DAY.from) / TICK_SECONDS,
  };
}

export function accountsFor(agents: number): number {
  return ACCOUNT_SHARES.reduce(
    (sum, { share, size }) => sum + Math.round(share / Math.max(size, 1 / agents)),
    0,
  );
}
