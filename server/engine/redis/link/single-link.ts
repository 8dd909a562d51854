import { createClient } from 'redis';
import type { RedisTarget } from '../../../redis-url.ts';
import { CLIENT_OPTIONS, credentials } from './client-options.ts';
import type { RedisLink } from './redis-link.ts';

/** One Redis server. A first connection is tried once: whoever starts without Redis is told so. */
export async function openSingle(target: RedisTarget & { kind: 'single' }): Promise<RedisLink> {
  const client = createClient({ ...CLIENT_OPTIONS, url: target.url, ...credentials(target) });
  // What goes wrong shows in the calls; without a listener it would end the process.
  client.on('error', () => {});
  const failed = new Promise<never>((_, reject) => client.once('error', reject));
  try {
    await Promise.race([client.connect(), failed]);
  } catch (error) {
    client.destroy();
    throw error;
  }
  return {
    send: (_key, words) => client.sendCommand(words),
    async close() {
      if (client.isReady) await client.close();
      else client.destroy();
    },
  };
}
