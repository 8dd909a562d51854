import type { RedisTarget } from '../redis-url.ts';
import { connectToCluster } from './cluster.ts';
import type { Connection, RedisLink } from './redis-link.ts';
import { createReplaceableLink } from './replaceable-link.ts';
import { connectToMaster } from './sentinel.ts';
import { connectClient, connectionOf } from './server-connection.ts';

export type OpenLink = (target: RedisTarget) => Promise<RedisLink>;

/** Connects; rejects where Redis cannot be reached: whoever starts without it is told so. */
export const openLink: OpenLink = (target) => createReplaceableLink(() => connect(target));

async function connect(target: RedisTarget): Promise<Connection> {
  switch (target.kind) {
    case 'single':
      return connectionOf(await connectClient({ url: target.url }, target));
    case 'sentinel':
      return connectionOf(await connectToMaster(target));
    case 'cluster':
      return connectToCluster(target);
  }
}
