import type { EngineOptions } from '../../server/engine/engine.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { type RedisCluster, startRedisCluster } from '../support/redis-cluster.ts';
import { onServers, openOnRedis, type RedisUnderTest } from '../support/redis-engine.ts';
import { engineContract } from './engine/contract.ts';

describe('on one Redis', () => {
  let server: RedisServer;
  let redis: RedisUnderTest;
  before(async () => {
    server = await startRedis();
    redis = onServers({ kind: 'single', url: server.url }, [server]);
  });
  after(() => server.close());

  const open = (options: EngineOptions) => openOnRedis(redis, options, { partitions: 4 });
  engineContract('the Redis engine', open, { durable: true });
});

describe('on a Redis Cluster', function () {
  this.timeout(30_000);
  let cluster: RedisCluster;
  let redis: RedisUnderTest;
  before(async () => {
    cluster = await startRedisCluster();
    const nodes = cluster.masters.map(({ host, port }) => ({ host, port }));
    redis = onServers({ kind: 'cluster', nodes }, cluster.masters);
  });
  after(() => cluster.close());

  const open = (options: EngineOptions) => openOnRedis(redis, options, { partitions: 4 });
  engineContract('the Redis engine', open, { durable: true });
});
