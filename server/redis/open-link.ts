import type { RedisTarget } from '../redis-url.ts';
import { connectToCluster } from './cluster.ts';
import type { Connection, RedisLink } from './redis-link.ts';
import { createReplaceableLink } from './replaceable-link.ts';
import { isSame, Sentinels } from './sentinel.ts';
import { connectClient, connectionOf } from './server-connection.ts';

export type OpenLink = (target: RedisTarget) => Promise<RedisLink>;

/** Connects; rejects where Redis cannot be reached: whoever starts without it is told so. */
export const openLink: OpenLink = (target) => {
  switch (target.kind) {
    case 'single':
      return createReplaceableLink(async () =>
        connectionOf(await connectClient({ url: target.url }, target)),
      );
    case 'sentinel':
      return openThroughSentinels(new Sentinels(target));
    case 'cluster':
      return createReplaceableLink(() => connectToCluster(target));
  }
};

async function openThroughSentinels(sentinels: Sentinels): Promise<RedisLink> {
  const connect = async (): Promise<Connection> => {
    const { client, address } = await sentinels.connectToMaster();
    const isOutdated = async () => !isSame(address, await sentinels.findMaster());
    return { ...connectionOf(client), isOutdated };
  };
  try {
    const link = await createReplaceableLink(connect);
    return { ...link, close: () => link.close().finally(() => sentinels.close()) };
  } catch (error) {
    sentinels.close();
    throw error;
  }
}
