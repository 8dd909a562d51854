/** The environment as settings are read from it: every fault is noted, none ends the reading. */

export type Environment = Record<string, string | undefined>;

export interface Fault {
  variable: string;
  problem: string;
}

export class EnvironmentReader {
  readonly #env: Environment;
  readonly #faults = new Map<string, string>();

  constructor(env: Environment) {
    this.#env = env;
  }

  get faults(): Fault[] {
    return [...this.#faults].map(([variable, problem]) => ({ variable, problem }));
  }

  /** Notes what is wrong with a variable; the first fault of each is told. */
  fault(variable: string, problem: string): void {
    if (!this.#faults.has(variable)) this.#faults.set(variable, problem);
  }

  /** A variable that is empty counts as unset. */
  isSet(variable: string): boolean {
    return (this.#env[variable] ?? '').trim() !== '';
  }

  isEmpty(variable: string): boolean {
    return this.#env[variable] !== undefined && !this.isSet(variable);
  }

  /** What `reader` makes of a variable; undefined where it is unset, or where `reader` throws what is wrong with it. */
  read<T>(variable: string, reader: (text: string) => T): T | undefined {
    if (!this.isSet(variable)) return undefined;
    try {
      return reader(this.#env[variable]!.trim());
    } catch (error) {
      this.fault(variable, (error as Error).message);
      return undefined;
    }
  }
}
