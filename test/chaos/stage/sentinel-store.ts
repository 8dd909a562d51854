import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, findProgram, startChild } from '../../support/children.ts';
import { temporaryFolder } from '../../support/places.ts';
import { until } from '../../support/waiting.ts';
import { Host, HUB } from './network.ts';
import { REDIS_PORT, RedisProcess, runCommand } from './redis-process.ts';
import type { Store } from './store.ts';

const NAME = 'vigil';
const SENTINELS = [26_379, 26_380, 26_381];
const FIRST_ADDRESS = 21;

/** A master, two replicas, three Sentinels; writes are acknowledged while a replica follows within a second. */
export async function startSentinelStore(env: Record<string, string>): Promise<Store> {
  const args = ['--min-replicas-to-write', '1', '--min-replicas-max-lag', '1'];
  const servers: RedisProcess[] = [];
  for (const index of [0, 1, 2]) {
    const server = new RedisProcess(await Host.create(`r${index + 1}`, FIRST_ADDRESS + index), args, env);
    const first = servers[0];
    await server.start(first === undefined ? [] : ['--replicaof', first.host.address, String(REDIS_PORT)]);
    servers.push(server);
  }
  const sentinels: Child[] = [];
  for (const port of SENTINELS) sentinels.push(await startSentinel(port, servers[0]!));
  const ask = <T>(...words: string[]) => runCommand<T>(HUB, SENTINELS[0]!, ['SENTINEL', ...words]);
  await until(() => allKnown(ask, servers[0]!), 'Sentinels that know each other', { timeoutMs: 30_000 });
  const master = async (): Promise<RedisProcess> => {
    const [address] = await ask<[string]>('GET-MASTER-ADDR-BY-NAME', NAME);
    return servers.find(({ host }) => host.address === address) ?? servers[0]!;
  };
  return {
    url: `redis+sentinel://${SENTINELS.map((port) => `${HUB}:${port}`).join(',')}/${NAME}`,
    servers,
    master,
    leaders: () =>
      master().then(
        ({ name }) => name,
        () => '',
      ),
    failover: () => ask<void>('FAILOVER', NAME),
    async restart(server) {
      // As a replica of whoever leads now: it would otherwise serve what it last knew until a Sentinel has noticed.
      const leader = await master();
      const follow = leader === server ? [] : ['--replicaof', leader.host.address, String(REDIS_PORT)];
      await server.start(follow);
    },
    async wipe() {
      await (await master()).command('FLUSHALL');
    },
    async close() {
      await Promise.all([
        ...sentinels.map((child) => child.kill()),
        ...servers.flatMap((s) => [s.close(), s.host.close()]),
      ]);
    },
  };
}

async function startSentinel(port: number, master: RedisProcess): Promise<Child> {
  const folder = temporaryFolder('chaos-sentinel');
  const file = join(folder, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    `bind ${HUB}`,
    'protected-mode no',
    `dir ${folder}`,
    `sentinel monitor ${NAME} ${master.host.address} ${REDIS_PORT} 2`,
    `sentinel down-after-milliseconds ${NAME} 1000`,
    `sentinel failover-timeout ${NAME} 5000`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const child = startChild(findProgram('redis-server'), [file, '--sentinel']);
  await child.waitForLine((line) => line.includes('Sentinel ID is') || undefined, 'being ready');
  return child;
}

async function allKnown(ask: <T>(...words: string[]) => Promise<T>, master: RedisProcess): Promise<boolean> {
  const replication = await master.command<string>('INFO', 'replication');
  const view = await ask<Record<string, string>>('MASTER', NAME);
  return (
    (replication.match(/state=online/g) ?? []).length === 2 &&
    view['num-slaves'] === '2' &&
    view['num-other-sentinels'] === '2'
  );
}
