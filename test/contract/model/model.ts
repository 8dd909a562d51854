import fc from 'fast-check';
import type { VigilEvent } from '../../../shared/events.ts';
import type { OpenEngine } from '../engine/harness.ts';
import { type History, histories, MODEL_LEAD, MODEL_MIN_TIMEOUT } from './history.ts';
import { play } from './player.ts';

export interface ModelRun {
  runs: number;
  /** Replays: what a failure printed. */
  seed?: number | undefined;
  path?: string | undefined;
}

/** Random histories against the rules; rejects with seed, path and the shortest history that breaks one. */
export async function checkHistories(open: OpenEngine, restarts: boolean, run: ModelRun): Promise<void> {
  const property = fc.asyncProperty(histories({ restarts }), async (history) => {
    await told(open, history);
  });
  await fc.assert(property, parametersOf(run));
}

/** The same history with and without its tabs: everybody is warned and ended at the same moments. */
export async function checkTabsChangeNothing(
  open: OpenEngine,
  restarts: boolean,
  run: ModelRun,
): Promise<void> {
  const property = fc.asyncProperty(histories({ restarts }), async (history) => {
    const actions = history.actions.filter((action) => action.do !== 'tab');
    const [withTabs, without] = [await told(open, history), await told(open, { ...history, actions })];
    const differs = withTabs.findIndex((line, index) => line !== without[index]);
    if (differs !== -1 || withTabs.length !== without.length) {
      throw new Error(`with tabs: ${withTabs.at(differs)}, without: ${without.at(differs)}`);
    }
  });
  await fc.assert(property, parametersOf(run));
}

/** Plays a history on an engine of its own; answers what it told, a line each, without the kind of inactivity. */
async function told(open: OpenEngine, history: History): Promise<string[]> {
  const harness = await open({ leadMs: MODEL_LEAD, minTimeoutMs: MODEL_MIN_TIMEOUT });
  try {
    const judge = await play(harness, history);
    return [...judge.told.values()].flat().map(line);
  } finally {
    await harness.close();
  }
}

function line({ account, at, type, data }: VigilEvent): string {
  return `${account} ${at} ${type} ${JSON.stringify({ ...data, inactivity: undefined })}`;
}

function parametersOf({ runs, seed, path }: ModelRun) {
  return { numRuns: runs, ...(seed === undefined ? {} : { seed }), ...(path === undefined ? {} : { path }) };
}
