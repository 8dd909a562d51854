import { createClient } from 'redis';
import type { RedisAddress, RedisLogin } from '../redis-url.ts';
import { CLIENT_OPTIONS, credentials } from './client-options.ts';
import type { Connection } from './redis-link.ts';

export type Server = { url: string } | RedisAddress;
export type ServerClient = ReturnType<typeof createClient>;

/** Connects to one server; rejects where it cannot be reached. */
export async function connectClient(server: Server, login: RedisLogin): Promise<ServerClient> {
  const where =
    'url' in server
      ? { url: server.url, socket: { ...CLIENT_OPTIONS.socket, ...tlsOf(server.url) } }
      : { socket: { ...CLIENT_OPTIONS.socket, ...server } };
  const client = createClient({ ...CLIENT_OPTIONS, ...where, ...credentials(login) });
  // What goes wrong shows in the calls; without a listener it would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    destroyClient(client);
    throw error;
  }
  return client as unknown as ServerClient;
}

/** The client wants to be told twice. */
function tlsOf(url: string): { tls: true } | { tls?: false } {
  return url.toLowerCase().startsWith('rediss:') ? { tls: true } : {};
}

export function destroyClient(client: { isOpen: boolean; destroy(): void }): void {
  if (client.isOpen) client.destroy();
}

export function connectionOf(client: ServerClient): Connection {
  return {
    send: (_key, words) => client.sendCommand(words),
    async close() {
      if (client.isReady) await client.close();
      else destroyClient(client);
    },
    destroy: () => destroyClient(client),
    groupOf: () => '',
    // What it would still carry out one day, nobody waits for any more.
    hangs: () => destroyClient(client),
  };
}
