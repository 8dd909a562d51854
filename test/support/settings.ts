import { ConfigRefused, readConfig } from '../../server/config.ts';
import type { Environment } from '../../server/environment.ts';

/** The names of the variables that are refused, each with what is said of it. */
export function faultsOf(env: Environment): Record<string, string> {
  try {
    readConfig(env);
    return {};
  } catch (error) {
    if (!(error instanceof ConfigRefused)) throw error;
    return Object.fromEntries(error.faults.map(({ variable, problem }) => [variable, problem]));
  }
}
export const faultyOf = (env: Environment) => Object.keys(faultsOf(env)).sort();
