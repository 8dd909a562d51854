import { createCluster } from 'redis';
import type { RedisTarget } from '../../../redis-url.ts';
import { CLIENT_OPTIONS, credentials } from './client-options.ts';
import type { RedisLink } from './redis-link.ts';
import { type Connection, createReplaceableLink } from './replaceable-link.ts';

/**
 * A Redis Cluster. The client follows redirections; but when a master has died it would learn of the replica that took
 * over only from a server that answers, so it is replaced by one that asks all of them.
 */
export function openCluster(target: RedisTarget & { kind: 'cluster' }): Promise<RedisLink> {
  return createReplaceableLink(() => connect(target));
}

async function connect(target: RedisTarget & { kind: 'cluster' }): Promise<Connection> {
  const { RESP, disableOfflineQueue, socket, commandOptions } = CLIENT_OPTIONS;
  const cluster = createCluster({
    rootNodes: target.nodes.map(({ host, port }) => ({ socket: { ...socket, host, port } })),
    defaults: { disableOfflineQueue, socket, ...credentials(target) },
    commandOptions,
    RESP,
  });
  cluster.on('error', () => {});
  try {
    await cluster.connect();
  } catch (error) {
    if (cluster.isOpen) cluster.destroy();
    throw error;
  }
  return {
    send: (key, words) => cluster.sendCommand(key, false, words),
    async close() {
      await cluster.close();
    },
    destroy: () => cluster.destroy(),
  };
}
