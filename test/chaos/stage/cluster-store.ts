import { until } from '../../support/waiting.ts';
import { Host } from './network.ts';
import { REDIS_PORT, RedisProcess } from './redis-process.ts';
import type { Store } from './store.ts';

const SLOTS = 16_384;
const FIRST_ADDRESS = 21;
const MASTERS = 3;

/** A Cluster of three masters with a replica each. */
export async function startClusterStore(env: Record<string, string>): Promise<Store> {
  const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000'];
  const servers: RedisProcess[] = [];
  for (let index = 0; index < 2 * MASTERS; index += 1) {
    const host = await Host.create(`r${index + 1}`, FIRST_ADDRESS + index);
    const server = new RedisProcess(host, [...args, '--cluster-announce-ip', host.address], env);
    await server.start();
    servers.push(server);
  }
  await join(servers);
  const masters = async (): Promise<RedisProcess[]> => {
    const found: RedisProcess[] = [];
    for (const server of servers) {
      const role = await server.command<[string]>('ROLE').catch(() => ['down']);
      if (role[0] === 'master' && server.running) found.push(server);
    }
    return found;
  };
  return {
    url: `redis+cluster://${servers.map(({ address }) => address).join(',')}`,
    servers,
    async master(index = 0) {
      const found = await masters();
      return found[index % found.length]!;
    },
    async leaders() {
      for (const server of servers.filter(({ running }) => running)) {
        const view = await server.command<string>('CLUSTER', 'NODES').catch(() => '');
        const lines = view.split('\n').filter((line) => /master/.test(line) && /\d+-\d+/.test(line));
        const names = lines.map(
          (line) => servers.find(({ host }) => line.includes(`${host.address}:`))?.name,
        );
        if (names.length > 0) return names.sort().join(' ');
      }
      return '';
    },
    async failover() {
      for (const server of servers) {
        const role = await server.command<[string]>('ROLE').catch(() => ['down']);
        if (role[0] === 'slave') return void (await server.command('CLUSTER', 'FAILOVER'));
      }
    },
    restart: (server) => server.start(),
    async wipe() {
      for (const server of await masters()) await server.command('FLUSHALL');
    },
    async close() {
      await Promise.all(servers.flatMap((server) => [server.close(), server.host.close()]));
    },
  };
}

async function join(servers: readonly RedisProcess[]): Promise<void> {
  const masters = servers.slice(0, MASTERS);
  const share = Math.ceil(SLOTS / MASTERS);
  for (const [index, master] of masters.entries()) {
    const last = Math.min((index + 1) * share, SLOTS) - 1;
    await master.command('CLUSTER', 'ADDSLOTSRANGE', String(index * share), String(last));
    await master.command('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
  }
  const [first, ...others] = servers as [RedisProcess, ...RedisProcess[]];
  for (const { host } of others) await first.command('CLUSTER', 'MEET', host.address, String(REDIS_PORT));
  const views = () => Promise.all(servers.map((server) => server.command<string>('CLUSTER', 'NODES')));
  await until(
    async () =>
      (await views()).every(
        (view) => view.trim().split('\n').length === servers.length && !/handshake/.test(view),
      ),
    'Cluster nodes that know each other',
    { timeoutMs: 20_000 },
  );
  for (const [index, replica] of servers.slice(MASTERS).entries()) {
    const id = await masters[index]!.command<string>('CLUSTER', 'MYID');
    await replica.command('CLUSTER', 'REPLICATE', id);
  }
  await until(
    async () => {
      const infos = await Promise.all(servers.map((server) => server.command<string>('CLUSTER', 'INFO')));
      const links = await Promise.all(servers.map((server) => server.command<string>('INFO', 'replication')));
      const following = links.filter((info) => info.includes('master_link_status:up')).length;
      return (
        infos.every((info) => info.includes('cluster_state:ok')) && following === servers.length - MASTERS
      );
    },
    'a Cluster that is well',
    { timeoutMs: 20_000 },
  );
}
