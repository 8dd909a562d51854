import type { Random } from '../../test/support/random.ts';

const MINUTE = 60;
const HOUR = 3_600;

/** A working day of a service desk, in seconds from midnight. What the model of it assumes, too (model.ts). */
export const DAY = {
  from: 7 * HOUR,
  until: 20 * HOUR,
  /** Logins lie around the mean, in a bell of four uniform draws. */
  login: { mean: 8.75 * HOUR, spread: HOUR },
  /** From login to going home. */
  presence: { least: 8 * HOUR, most: 9 * HOUR },
  /** When lunch begins, and how long it is. */
  lunch: { from: 12 * HOUR, until: 13 * HOUR, least: 20 * MINUTE, most: 50 * MINUTE },
  /** Work and pauses take turns; both are exponential. */
  burst: 40 * MINUTE,
  pause: 8 * MINUTE,
  /** Whoever pauses has so often gone to another tab or program, and comes back. */
  hides: 0.2,
  /** Whoever goes home logs out so often; the others close their tabs. */
  logsOut: 0.5,
  tabs: 3,
  timeout: 45 * MINUTE,
  lead: MINUTE,
  /** Between two reports of a tab in use. It is 15 s in truth: the engine is spared the reports between that change nothing. */
  reportEvery: 40 * MINUTE,
} as const;

/** How many accounts of which size serve so many agents: a few large ones, many small ones. */
export const ACCOUNT_SHARES = [
  { share: 0.1, size: 0.1 },
  { share: 0.2, size: 0.01 },
  { share: 0.4, size: 0.001 },
  { share: 0.3, size: 0.0001 },
] as const;

export function loginAt(random: Random): number {
  const { mean, spread } = DAY.login;
  const bell = random.fraction() + random.fraction() + random.fraction() + random.fraction() - 2;
  return mean + bell * spread;
}

export function uniform(random: Random, { least, most }: { least: number; most: number }): number {
  return least + random.fraction() * (most - least);
}

export function exponential(random: Random, mean: number): number {
  return -Math.log(1 - random.fraction()) * mean;
}

/** The account of each agent: neighbours are not of the same one. */
export function accountsOf(agents: number): string[] {
  const names: string[] = [];
  for (const [kind, { share, size }] of ACCOUNT_SHARES.entries()) {
    const count = Math.round(agents * share);
    const accounts = Math.max(1, Math.round(count / Math.max(1, agents * size)));
    for (let index = 0; index < count; index += 1) names.push(`desk-${kind}-${index % accounts}`);
  }
  return names.slice(0, agents);
}
