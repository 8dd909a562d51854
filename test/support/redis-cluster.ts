import { freePort } from './places.ts';
import { type RedisServer, startRedis } from './redis.ts';
import { until } from './waiting.ts';

const SLOTS = 16_384;
/** The bus of a cluster node listens this much above its port. */
const BUS_OFFSET = 10_000;

export interface RedisCluster {
  /** `redis+cluster://h1:p1,h2:p2,…` */
  readonly url: string;
  readonly masters: readonly RedisServer[];
  readonly replicas: readonly RedisServer[];
  close(): Promise<void>;
}

/** A Redis Cluster of three masters, each with `replicasEach` replicas, all slots served. */
export async function startRedisCluster({
  replicasEach = 0,
  persistence = 'none',
}: {
  replicasEach?: number;
  persistence?: 'none' | 'aof';
} = {}): Promise<RedisCluster> {
  const servers = await startServers(3 * (1 + replicasEach), persistence);
  const masters = servers.slice(0, 3);
  const replicas = servers.slice(3);
  await shareSlots(masters);
  await meet(servers);
  await Promise.all(replicas.map((replica, index) => replicate(replica, masters[index % masters.length]!)));
  await until(() => everyNodeIsWell(servers, replicas.length), 'a cluster that is well', {
    timeoutMs: 15_000,
  });
  return {
    url: `redis+cluster://${servers.map(({ host, port }) => `${host}:${port}`).join(',')}`,
    masters,
    replicas,
    async close() {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

async function startServers(count: number, persistence: 'none' | 'aof'): Promise<RedisServer[]> {
  const servers: RedisServer[] = [];
  while (servers.length < count) {
    const port = await freePort([BUS_OFFSET]);
    const args = [
      '--cluster-enabled',
      'yes',
      '--cluster-node-timeout',
      '1000',
      '--repl-diskless-sync-delay',
      '0',
    ];
    servers.push(await startRedis({ port, persistence, args }));
  }
  return servers;
}

async function shareSlots(masters: readonly RedisServer[]): Promise<void> {
  const share = Math.ceil(SLOTS / masters.length);
  for (const [index, master] of masters.entries()) {
    const last = Math.min((index + 1) * share, SLOTS) - 1;
    await master.command('CLUSTER', 'ADDSLOTSRANGE', String(index * share), String(last));
    await master.command('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
  }
}

async function meet(servers: readonly RedisServer[]): Promise<void> {
  const [first, ...others] = servers as [RedisServer, ...RedisServer[]];
  for (const other of others) await first.command('CLUSTER', 'MEET', other.host, String(other.port));
  await until(
    async () => {
      const known = await Promise.all(servers.map((server) => server.command<string>('CLUSTER', 'NODES')));
      return known.every(
        (nodes) => nodes.trim().split('\n').length === servers.length && !/handshake/.test(nodes),
      );
    },
    'nodes that know each other',
    { timeoutMs: 15_000 },
  );
}

async function replicate(replica: RedisServer, master: RedisServer): Promise<void> {
  const id = await master.command<string>('CLUSTER', 'MYID');
  await replica.command('CLUSTER', 'REPLICATE', id);
}

async function everyNodeIsWell(servers: readonly RedisServer[], replicas: number): Promise<boolean> {
  const infos = await Promise.all(servers.map((server) => server.command<string>('CLUSTER', 'INFO')));
  if (!infos.every((info) => info.includes('cluster_state:ok'))) return false;
  const links = await Promise.all(servers.map((server) => server.command<string>('INFO', 'replication')));
  return links.filter((info) => info.includes('master_link_status:up')).length === replicas;
}
