import type { Figure, Goal } from './bench.ts';

/** Lets each take its turn in every round, in changing order, so that what the machine does meanwhile hits all alike. */
export async function inTurn<N extends string>(
  rounds: number,
  turns: Record<N, () => Promise<number>>,
): Promise<Record<N, number[]>> {
  const names = Object.keys(turns) as N[];
  const found = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<N, number[]>;
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) found[name].push(await turns[name]());
  }
  return found;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new Error('Nothing was measured');
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return below + (above - below) * (place - Math.floor(place));
}

/** How many times the baseline; undefined where there is none. */
export function ratioOf({ vigil, baseline }: Figure): number | undefined {
  return baseline === undefined ? undefined : median(vigil) / median(baseline.found);
}

export function isReached(figure: Figure & { goal: Goal }): boolean {
  const { goal } = figure;
  return 'atMost' in goal ? median(figure.vigil) <= goal.atMost : ratioOf(figure)! <= goal.atMostTimes;
}
