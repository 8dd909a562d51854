import { expect } from 'chai';
import { Server } from 'socket.io';
import { systemClock } from '../../server/clock.ts';
import { countEars } from '../../server/redis/hearing.ts';
import { openLink } from '../../server/redis/open-link.ts';
import { parseRedisUrl } from '../../server/redis-url.ts';
import { openSocketAdapter } from '../../server/socket-adapter.ts';
import { cleanupAfterAll, cleanupAfterEach } from '../support/cleanup.ts';
import type { RedisServer } from '../support/redis.ts';
import { type RedisCluster, startRedisCluster } from '../support/redis-cluster.ts';
import { until } from '../support/waiting.ts';

/** From one word of a node to itself to the next, its patience, and a new connection. */
const NOTICED_MS = 12_000;

describe('what nodes tell each other through a Cluster', function () {
  this.timeout(60_000);
  const forAll = cleanupAfterAll();
  const cleanup = cleanupAfterEach();
  let cluster: RedisCluster;

  before(async () => {
    cluster = forAll.using(await startRedisCluster({ replicasEach: 1 }));
  });

  async function openNode() {
    const wire = await openSocketAdapter(parseRedisUrl(cluster.url), systemClock, () => {});
    const io = new Server({ adapter: wire.adapter });
    const heard: number[] = [];
    let missed = 0;
    io.on('word', (n: number) => heard.push(n));
    wire.onMissed(() => (missed += 1));
    cleanup.using(wire);
    return { heard, say: (n: number) => io.serverSideEmit('word', n), missed: () => missed };
  }

  const replicaOf = async (server: RedisServer): Promise<RedisServer> => {
    const [, , replicas] = await server.command<[string, number, [string, string][]]>('ROLE');
    return cluster.replicas.find(({ port }) => String(port) === replicas[0]![1])!;
  };

  /** Who serves the channels of the nodes. */
  async function holder(): Promise<RedisServer> {
    const slot = await cluster.masters[0]!.command<number>('CLUSTER', 'KEYSLOT', '{vigil}');
    const ranges = await cluster.masters[0]!.command<[number, number, [string, number]][]>(
      'CLUSTER',
      'SLOTS',
    );
    const [, , [, port]] = ranges.find(([from, to]) => from <= slot && slot <= to)!;
    return [...cluster.masters, ...cluster.replicas].find((server) => server.port === port)!;
  }

  it('is heard again after the server that they listened at has handed its part over, and lives on', async () => {
    const [one, two] = [await openNode(), await openNode()];
    one.say(1);
    await until(() => two.heard.includes(1), 'a first word');
    const old = await holder();
    const replica = await replicaOf(old);
    await replica.command('CLUSTER', 'FAILOVER');
    await until(async () => (await replica.command<[string]>('ROLE'))[0] === 'master', 'another master');
    let n = 1;
    await until(
      () => {
        n += 1;
        one.say(n);
        return two.heard.some((word) => word > 1) && two.missed() > 0;
      },
      'a word after it',
      { timeoutMs: NOTICED_MS, everyMs: 200 },
    );
    expect((await old.command<[string]>('ROLE'))[0]).to.equal('slave');
  });

  it('tells a node that starts whether others are there', async () => {
    const link = cleanup.using(await openLink(parseRedisUrl(cluster.url)));
    const thereAre = (count: number) => async () => (await countEars(link, true)) === count;
    await until(thereAre(0), 'nobody to listen');
    await openNode();
    await openNode();
    await until(thereAre(2), 'both to listen');
  });
});
