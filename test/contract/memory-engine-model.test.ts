import { openRemembering } from '../support/memory-engine.ts';
import { checkHistories, checkTabsChangeNothing } from './model/model.ts';
import { modelRunFromEnvironment } from './model/settings.ts';

describe('the memory engine over random histories', () => {
  const run = modelRunFromEnvironment(process.env);

  it(`breaks no rule in ${run.runs} of them`, async () => {
    await checkHistories(openRemembering, true, run);
  }).timeout(run.timeoutMs);

  it('warns and ends at the same moments with tabs as without', async () => {
    await checkTabsChangeNothing(openRemembering, true, {
      ...run,
      runs: Math.ceil(run.runs / 20),
      path: undefined,
    });
  }).timeout(run.timeoutMs);
});
