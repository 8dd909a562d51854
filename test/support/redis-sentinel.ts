import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, findProgram, startChild } from './children.ts';
import { freePort, temporaryFolder } from './places.ts';
import { type RedisServer, runRedisCommand, startRedis } from './redis.ts';
import { until } from './waiting.ts';

export const SENTINEL_NAME = 'vigil';

export interface RedisSentinel {
  /** `redis+sentinel://h1:p1,h2:p2,…/NAME` */
  readonly url: string;
  /** The master at the start; after a failover ask `currentMaster`. */
  readonly master: RedisServer;
  readonly replicas: readonly RedisServer[];
  currentMaster(): Promise<RedisServer>;
  close(): Promise<void>;
}

/**
 * A master, its replicas and three Sentinels. The master acknowledges writes only while a replica follows within a
 * second, so that a failover loses at most about one second of them.
 */
export async function startRedisSentinel({ replicas: count = 1 } = {}): Promise<RedisSentinel> {
  const args = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1'];
  const safe = ['--min-replicas-to-write', '1', '--min-replicas-max-lag', '1'];
  const master = await startRedis({ persistence: 'aof', args: [...args, ...safe] });
  const following = [...args, ...safe, '--replicaof', master.host, String(master.port)];
  const replicas: RedisServer[] = [];
  while (replicas.length < count) replicas.push(await startRedis({ persistence: 'aof', args: following }));
  const sentinels = await Promise.all([1, 2, 3].map(() => startSentinel(master)));
  const servers = [master, ...replicas];
  const currentMaster = async () => {
    const [, port] = await sentinels[0]!.command<string[]>(
      'SENTINEL',
      'GET-MASTER-ADDR-BY-NAME',
      SENTINEL_NAME,
    );
    return servers.find((server) => server.port === Number(port)) ?? master;
  };
  await until(() => allKnown(master, count, sentinels), 'a master that is watched', { timeoutMs: 20_000 });
  return {
    url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${SENTINEL_NAME}`,
    master,
    replicas,
    currentMaster,
    async close() {
      await Promise.all([
        ...sentinels.map(({ child }) => child.kill()),
        ...servers.map((server) => server.close()),
      ]);
    },
  };
}

interface Sentinel {
  child: Child;
  port: number;
  command<T>(...words: string[]): Promise<T>;
}

async function startSentinel(master: RedisServer): Promise<Sentinel> {
  const port = await freePort();
  const folder = temporaryFolder('sentinel');
  const file = join(folder, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    'protected-mode no',
    `dir ${folder}`,
    `sentinel monitor ${SENTINEL_NAME} ${master.host} ${master.port} 2`,
    // Twice the second between two of its pings: with one, an answer that comes late is a death.
    `sentinel down-after-milliseconds ${SENTINEL_NAME} 2000`,
    `sentinel failover-timeout ${SENTINEL_NAME} 5000`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const child = startChild(findProgram('redis-server'), [file, '--sentinel']);
  await child.waitForLine((line) => line.includes('Sentinel ID is') || undefined, 'being ready');
  return { child, port, command: (...words) => runRedisCommand(port, words) };
}

/** Replicas in step, and each Sentinel knows of them and of the other two: before that no failover succeeds. */
async function allKnown(master: RedisServer, replicas: number, sentinels: Sentinel[]): Promise<boolean> {
  const replication = await master.command<string>('INFO', 'replication');
  if ((replication.match(/state=online/g) ?? []).length !== replicas) return false;
  const views = await Promise.all(
    sentinels.map((sentinel) => {
      return sentinel.command<Record<string, string>>('SENTINEL', 'MASTER', SENTINEL_NAME);
    }),
  );
  return views.every((view) => {
    return view['num-slaves'] === String(replicas) && view['num-other-sentinels'] === '2';
  });
}
