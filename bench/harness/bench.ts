/** One bench: what it measures, and how. Each file of bench/benches exports one by default. */
export interface Bench {
  /** As in docs/performance.md. */
  what: string;
  run(run: Run): Promise<Figure[]>;
}

/** How thoroughly it is measured this time. */
export interface Run {
  /** How often baseline and Vigil take turns. */
  rounds: number;
  /** So many of something; fewer in a short run. */
  scaled(count: number): number;
  say(text: string): void;
}

/** One line of the table: what each round found, of Vigil and of what it is compared with. */
export interface Figure {
  what: string;
  unit: string;
  vigil: number[];
  baseline?: { what: string; found: number[] };
  goal?: Goal;
}

/** What is to be reached, by the median of Vigil's rounds, or by its ratio to the baseline's. */
export type Goal = { text: string } & ({ atMost: number } | { atMostTimes: number });
