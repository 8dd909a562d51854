import type { RedisTarget } from '../redis-url.ts';
import { connectToCluster } from './cluster.ts';
import type { Connection, RedisLink } from './redis-link.ts';
import { createReplaceableLink } from './replaceable-link.ts';
import { Sentinels } from './sentinel.ts';
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
    const { client, master } = await sentinels.connectToMaster();
    return { ...connectionOf(client), isOutdated: () => sentinels.haveLeft(master) };
  };
  try {
    const link = await createReplaceableLink(connect);
    return {
      ...link,
      // Whoever asks for another master must not keep it from closing.
      close() {
        sentinels.close();
        return link.close();
      },
    };
  } catch (error) {
    sentinels.close();
    throw error;
  }
}
