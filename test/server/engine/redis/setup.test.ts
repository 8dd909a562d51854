import { expect } from 'chai';
import { systemClock } from '../../../../server/clock.ts';
import { MINUTE } from '../../../contract/engine/harness.ts';
import { cleanupAfterEach } from '../../../support/cleanup.ts';
import { type RedisOptions, type RedisServer, startRedis } from '../../../support/redis.ts';
import { type NodeSettings, openNode } from './node-under-test.ts';

describe('nodes that start on one Redis', () => {
  const cleanup = cleanupAfterEach();

  async function refusalOf(redis: RedisServer, more: Partial<NodeSettings>): Promise<unknown> {
    const target = { kind: 'single', url: redis.url } as const;
    return openNode({ target, clock: systemClock, ...more }).then(
      (node) => node.close().then(() => null),
      (error: unknown) => error,
    );
  }

  it('must agree on partitions, lead and minimum: another is refused, and told what differs', async () => {
    const redis = cleanup.using(await startRedis());
    expect(await refusalOf(redis, {})).to.equal(null);
    for (const [more, named] of [
      [{ partitions: 8 }, 'number of partitions is 4 there and 8 here'],
      [{ leadMs: 2 * MINUTE }, 'VIGIL_WARNING_LEAD'],
      [{ minTimeoutMs: 20 * MINUTE }, 'VIGIL_MIN_TIMEOUT'],
    ] as const) {
      const refusal = await refusalOf(redis, more);
      expect(refusal).to.have.property('name', 'EngineMismatch');
      expect((refusal as Error).message).to.include(named);
    }
    expect(await refusalOf(redis, {}), 'the first settings still hold').to.equal(null);
  });

  it('warn of a Redis that may evict sessions, and of one that persists nothing', async () => {
    const concernsOf = async (options: RedisOptions) => {
      const redis = cleanup.using(await startRedis(options));
      const target = { kind: 'single', url: redis.url } as const;
      const concerns: string[] = [];
      const onConcern = (concern: string) => void concerns.push(concern);
      const node = cleanup.using(await openNode({ target, clock: systemClock, onConcern }));
      expect(node.warnings).to.have.length(concerns.length);
      return concerns;
    };
    expect(await concernsOf({ persistence: 'aof' })).to.deep.equal([]);
    expect(await concernsOf({ persistence: 'none' })).to.deep.equal(['not_persisted']);
    const evicting = ['--maxmemory', '50mb', '--maxmemory-policy', 'allkeys-lru'];
    expect(await concernsOf({ persistence: 'aof', args: evicting })).to.deep.equal(['evicts']);
  });
});
