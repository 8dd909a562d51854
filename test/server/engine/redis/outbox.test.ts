import { expect } from 'chai';
import type { Emission } from '../../../../server/engine/engine.ts';
import { START } from '../../../contract/engine/harness.ts';
import { cleanupAfterAll, cleanupAfterEach } from '../../../support/cleanup.ts';
import { createTestClock, type TestClock } from '../../../support/clock.ts';
import { type RedisServer, startRedis } from '../../../support/redis.ts';
import { until } from '../../../support/waiting.ts';
import { loginOf, type NodeUnderTest, openNode } from './node-under-test.ts';

/** What a node promises: whatever another took on and did not tell is told within this. */
const TOLD_WITHIN_MS = 5_000;

describe('what happened', function () {
  this.timeout(15_000);
  const forAll = cleanupAfterAll();
  const cleanup = cleanupAfterEach();
  let redis: RedisServer;
  let clock: TestClock;

  before(async () => {
    redis = forAll.using(await startRedis());
  });
  beforeEach(async () => {
    await redis.command('FLUSHALL');
    clock = createTestClock(START);
  });

  async function open(relay?: (emission: Emission) => Promise<void>): Promise<NodeUnderTest> {
    const target = { kind: 'single', url: redis.url } as const;
    const log = { info() {}, warn() {}, error() {} };
    const common = { target, clock, timeSource: clock.now, partitions: 1, log };
    return cleanup.using(await openNode({ ...common, ...(relay === undefined ? {} : { relay }) }));
  }

  const outboxLength = () => redis.command<number>('XLEN', 'vigil:{0}:outbox');

  it('leaves the outbox once it was told', async () => {
    const node = await open();
    await node.engine.admit(loginOf('ann', START));
    await node.engine.signOut({ account: 'acme', agent: 'ann', by: 'boss' });
    await until(async () => (await outboxLength()) === 0, 'an empty outbox');
    expect(node.events().map(({ type }) => type)).to.deep.equal(['session.started', 'session.ended']);
  });

  it('is told by another node where the one that did it died before', async () => {
    const survivor = await open();
    // Between claim and relay: the step is carried out, and nobody hears of it.
    const doomed = await open(() => {
      doomed.kill();
      return new Promise(() => {});
    });
    await doomed.engine.admit(loginOf('ann', START));
    const diedAt = performance.now();
    const heard = await until(
      async () => {
        await survivor.engine.sweep();
        return survivor.events().length > 0 && survivor.events();
      },
      'the other node to tell it',
      { timeoutMs: TOLD_WITHIN_MS, everyMs: 200 },
    );
    expect(heard.map(({ type }) => type)).to.deep.equal(['session.started']);
    expect(survivor.told[0]).to.deep.include({ account: 'acme', agent: 'ann' });
    expect(survivor.told[0]!.pushes.map(({ type }) => type)).to.deep.equal(['session']);
    expect(performance.now() - diedAt).to.be.below(TOLD_WITHIN_MS);
    await until(async () => (await outboxLength()) === 0, 'an empty outbox');
    await survivor.engine.sweep();
    expect(survivor.events()).to.have.length(1);
  });

  it('is told again by the node itself where it could not tell everybody', async () => {
    let refusals = 1;
    const told: Emission[] = [];
    const node = await open(async (emission) => {
      told.push(emission);
      refusals -= 1;
      if (refusals >= 0) throw new Error('not everybody took it');
    });
    await node.engine.admit(loginOf('ann', START));
    expect(told).to.have.length(1);
    await until(
      async () => {
        await node.engine.sweep();
        return told.length === 2;
      },
      'it to be told again',
      { timeoutMs: TOLD_WITHIN_MS, everyMs: 200 },
    );
    expect(told[1]).to.deep.equal(told[0]);
    await until(async () => (await outboxLength()) === 0, 'an empty outbox');
  });

  it('is told once while telling it takes long', async () => {
    let done = () => {};
    const told: Emission[] = [];
    const node = await open((emission) => {
      told.push(emission);
      return new Promise((resolve) => {
        done = resolve;
      });
    });
    await node.engine.admit(loginOf('ann', START));
    const until3500 = performance.now() + 3_500;
    await until(
      async () => {
        await node.engine.sweep();
        return performance.now() > until3500;
      },
      'the time after which others claim it',
      { everyMs: 250 },
    );
    expect(told).to.have.length(1);
    done();
    await until(async () => (await outboxLength()) === 0, 'an empty outbox');
  });
});
