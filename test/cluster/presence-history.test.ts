import { expect } from 'chai';
import { createPresenceHistory } from '../../server/presence-history.ts';
import { startPresenceRecorder } from '../../server/presence-recorder.ts';
import { loginOf, type NodeUnderTest, openNode } from '../server/engine/redis/node-under-test.ts';
import { createTestClock } from '../support/clock.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 26, 9);

describe('presence over time, of nodes that share a Redis', () => {
  let redis: RedisServer;
  before(async () => {
    redis = await startRedis();
  });
  after(() => redis.close());

  it('is recorded once a minute by one of them, read on each, and goes on when one is killed', async () => {
    const clock = createTestClock(START);
    const settings = { target: { kind: 'single', url: redis.url } as const, clock, timeSource: clock.now };
    const nodes = [await openNode(settings), await openNode(settings)];
    const [first, second] = nodes.map(watch) as [ReturnType<typeof watch>, ReturnType<typeof watch>];

    await nodes[0]!.engine.admit(loginOf('ann', START));
    await first.history.counts('acme', 'hour');
    for (let minute = 0; minute < 4; minute += 1) {
      clock.advance(MINUTE);
      await Promise.all([first.round(), second.round()]);
    }
    expect(await times(first)).to.deep.equal([0, 1, 2, 3, 4]);
    expect(await times(second)).to.deep.equal([0, 1, 2, 3, 4]);

    // One dies with a minute claimed: that one is missing, and the other goes on.
    clock.advance(MINUTE);
    expect(await nodes[0]!.engine.recordings.claim({ limit: 10 })).to.deep.equal(['acme']);
    nodes[0]!.kill();
    await second.round();
    for (let minute = 0; minute < 2; minute += 1) {
      clock.advance(MINUTE);
      await second.round();
    }
    expect(await times(second)).to.deep.equal([0, 1, 2, 3, 4, 6, 7]);
    const { points } = await second.history.counts('acme', 'hour');
    expect(points.every(({ offline }) => offline === 1)).to.equal(true);
    const [, ...stretches] = await second.history.trail('acme', 'ann');
    expect(stretches, 'one minute missed is no gap').to.deep.equal([]);

    // A node that is started now reads what it never saw.
    const late = await openNode(settings);
    const third = watch(late);
    expect(await times(third)).to.deep.equal([0, 1, 2, 3, 4, 6, 7]);
    for (const { recorder } of [first, second, third]) await recorder.close();
    for (const node of [...nodes, late]) await node.close();
  });

  /** The recorder's timers run when the test says so, beside the clock of the engines. */
  function watch({ engine }: NodeUnderTest) {
    const timers = createTestClock(0);
    const display = { idleAfterMs: MINUTE, leaveGraceMs: 5_000 };
    const log = { error: (fields: object) => expect.fail(JSON.stringify(fields)) };
    const recorder = startPresenceRecorder({ engine, clock: timers, display, log });
    const history = createPresenceHistory(engine, recorder);
    return {
      recorder,
      history,
      async round() {
        timers.advance(10_000);
        while (timers.pending === 0) await new Promise((resolve) => setImmediate(resolve));
      },
    };
  }

  async function times({ history }: Pick<ReturnType<typeof watch>, 'history'>): Promise<number[]> {
    const { points } = await history.counts('acme', 'hour');
    return points.map(({ at }) => (at - START) / MINUTE);
  }
});
