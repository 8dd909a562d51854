import fc from 'fast-check';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { histories } from './differential/history.ts';
import { openSideBySide, type SideBySide } from './differential/side-by-side.ts';

/** VIGIL_DIFF_RUNS=1000000 for a long night; VIGIL_DIFF_SEED to see one again. */
const RUNS = Number(process.env.VIGIL_DIFF_RUNS ?? 2_000);
const SEED = process.env.VIGIL_DIFF_SEED;

describe('the memory and the Redis engine, side by side', function () {
  this.timeout(Math.max(120_000, RUNS * 100));
  let server: RedisServer;
  let both: SideBySide;
  before(async () => {
    server = await startRedis();
    both = await openSideBySide(server.url);
  });
  after(async () => {
    await both.close();
    await server.close();
  });

  it(`answer and tell the same, in ${RUNS} random histories`, async () => {
    const property = fc.asyncProperty(histories, (history) => both.run(history));
    await fc.assert(property, {
      numRuns: RUNS,
      endOnFailure: false,
      ...(SEED === undefined ? {} : { seed: Number(SEED) }),
    });
  });
});
