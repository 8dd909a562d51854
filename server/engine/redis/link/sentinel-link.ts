import { createClient } from 'redis';
import type { RedisAddress, RedisTarget } from '../../../redis-url.ts';
import { CLIENT_OPTIONS, credentials } from './client-options.ts';
import type { RedisLink } from './redis-link.ts';
import { type Connection, createReplaceableLink } from './replaceable-link.ts';

type SentinelTarget = RedisTarget & { kind: 'sentinel' };

/** The master that Redis Sentinel names. When it fails, or is no master any more, the Sentinels are asked again. */
export function openSentinel(target: SentinelTarget): Promise<RedisLink> {
  return createReplaceableLink(() => connectToMaster(target));
}

async function connectToMaster(target: SentinelTarget): Promise<Connection> {
  const master = await findMaster(target);
  const client = await connect(master, credentials(target));
  const [role] = (await client.sendCommand(['ROLE'])) as [string];
  if (role !== 'master') {
    client.destroy();
    throw new Error(`${master.host}:${master.port} is no master`);
  }
  return {
    send: (_key, words) => client.sendCommand(words),
    async close() {
      if (client.isReady) await client.close();
      else if (client.isOpen) client.destroy();
    },
    destroy() {
      if (client.isOpen) client.destroy();
    },
  };
}

/** The address that a Sentinel answers with; the first of them that knows. */
export async function findMaster({ sentinels, name }: SentinelTarget): Promise<RedisAddress> {
  return Promise.any(sentinels.map((sentinel) => askSentinel(sentinel, name))).catch((error: unknown) => {
    throw new Error(`no Sentinel names a master called ${name}`, { cause: error });
  });
}

async function askSentinel(sentinel: RedisAddress, name: string): Promise<RedisAddress> {
  const client = await connect(sentinel, {});
  try {
    const found = await client.sendCommand(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name]);
    if (!Array.isArray(found)) throw new Error(`no master is called ${name}`);
    return { host: String(found[0]), port: Number(found[1]) };
  } finally {
    client.destroy();
  }
}

/** A connection that is tried once and does not come back. */
async function connect({ host, port }: RedisAddress, login: ReturnType<typeof credentials>) {
  const client = createClient({
    ...CLIENT_OPTIONS,
    ...login,
    socket: { ...CLIENT_OPTIONS.socket, host, port, reconnectStrategy: false },
  });
  client.on('error', () => {});
  await client.connect();
  return client;
}
