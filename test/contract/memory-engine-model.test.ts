import { openDurable, openRemembering } from '../support/memory-engine.ts';
import { checkHistories, checkTabsChangeNothing } from './model/model.ts';
import { modelRunFromEnvironment } from './model/settings.ts';

describe('the memory engine over random histories', () => {
  const run = modelRunFromEnvironment(process.env);
  const fewer = (part: number) => ({ ...run, runs: Math.ceil(run.runs / part), path: undefined });

  it(`breaks no rule in ${run.runs} of them`, async () => {
    await checkHistories(openRemembering, true, run);
  }).timeout(run.timeoutMs);

  it('breaks none on its embedded store', async () => {
    await checkHistories(openDurable, true, fewer(100));
  }).timeout(run.timeoutMs);

  it('warns and ends at the same moments with tabs as without', async () => {
    await checkTabsChangeNothing(openRemembering, true, fewer(20));
  }).timeout(run.timeoutMs);
});
