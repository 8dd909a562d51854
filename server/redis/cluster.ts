import { createCluster } from 'redis';
import type { RedisAddress, RedisTarget } from '../redis-url.ts';
import { CLIENT_OPTIONS, credentials } from './client-options.ts';
import type { Connection } from './redis-link.ts';
import { connectClient, destroyClient, type ServerClient } from './server-connection.ts';

export type ClusterTarget = RedisTarget & { kind: 'cluster' };

/** A client of the whole Cluster, as its servers are now. It follows redirections; whoever has died stays dead for it. */
export async function connectToCluster(target: ClusterTarget): Promise<Connection> {
  const { RESP, commandOptions, ...defaults } = CLIENT_OPTIONS;
  const cluster = createCluster({
    rootNodes: target.nodes.map((node) => ({ socket: { ...defaults.socket, ...node } })),
    defaults: { ...defaults, ...credentials(target) },
    commandOptions,
    RESP,
  });
  cluster.on('error', () => {});
  try {
    await cluster.connect();
  } catch (error) {
    destroyClient(cluster);
    throw error;
  }
  return {
    send: (key, words) => cluster.sendCommand(key, false, words),
    async close() {
      await cluster.close();
    },
    destroy: () => destroyClient(cluster),
    groupOf: (key) => /\{[^}]+\}/.exec(key)?.[0] ?? key,
    // The others go on serving; a new connection takes over once the Cluster has replaced the one that hangs.
    hangs() {},
  };
}

/** Connects to the master that holds a key, as the first server that answers sees it. */
export async function connectToHolder(target: ClusterTarget, key: string): Promise<ServerClient> {
  const holder = await Promise.any(target.nodes.map((node) => askForHolder(node, target, key)));
  return connectClient(holder, target);
}

type Slots = [from: number, to: number, master: [host: string, port: number], ...unknown[]][];

async function askForHolder(node: RedisAddress, target: ClusterTarget, key: string): Promise<RedisAddress> {
  const client = await connectClient(node, target);
  try {
    const slot = Number(await client.sendCommand(['CLUSTER', 'KEYSLOT', key]));
    const ranges = (await client.sendCommand(['CLUSTER', 'SLOTS'])) as unknown as Slots;
    const range = ranges.find(([from, to]) => from <= slot && slot <= to);
    if (range === undefined) throw new Error(`nobody serves slot ${slot}`);
    const [host, port] = range[2];
    return { host: host === '' ? node.host : host, port };
  } finally {
    destroyClient(client);
  }
}
