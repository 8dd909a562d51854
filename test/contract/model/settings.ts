import type { ModelRun } from './model.ts';

const ORDINARY_RUNS = 10_000;
/** Far above what a history takes, so that a slow machine does not fail. */
const MS_PER_RUN = 60;

/** `VIGIL_MODEL_RUNS` how many histories; `VIGIL_MODEL_SEED` and `VIGIL_MODEL_PATH` replay what a failure printed. */
export function modelRunFromEnvironment(env: NodeJS.ProcessEnv): ModelRun & { timeoutMs: number } {
  const runs =
    env.VIGIL_MODEL_RUNS === undefined
      ? ORDINARY_RUNS
      : wholeNumber('VIGIL_MODEL_RUNS', env.VIGIL_MODEL_RUNS);
  return {
    runs,
    seed:
      env.VIGIL_MODEL_SEED === undefined ? undefined : wholeNumber('VIGIL_MODEL_SEED', env.VIGIL_MODEL_SEED),
    path: env.VIGIL_MODEL_PATH,
    timeoutMs: 60_000 + runs * MS_PER_RUN,
  };
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`${name}=${text} is no whole number`);
  return value;
}
