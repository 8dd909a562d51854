import type { RedisAddress, RedisTarget } from '../redis-url.ts';
import { connectClient, destroyClient, type ServerClient } from './server-connection.ts';

export type SentinelTarget = RedisTarget & { kind: 'sentinel' };

/** Connects to the master that the Sentinels name, once it says itself that it is one. */
export async function connectToMaster(target: SentinelTarget): Promise<ServerClient> {
  const master = await findMaster(target);
  const client = await connectClient(master, target);
  const [role] = (await client.sendCommand(['ROLE'])) as unknown as [string];
  if (role === 'master') return client;
  destroyClient(client);
  throw new Error(`${master.host}:${master.port} is no master`);
}

/** The address that a Sentinel answers with; the first of them that knows. */
async function findMaster({ sentinels, name }: SentinelTarget): Promise<RedisAddress> {
  return Promise.any(sentinels.map((sentinel) => askSentinel(sentinel, name))).catch((error: unknown) => {
    throw new Error(`no Sentinel names a master called ${name}`, { cause: error });
  });
}

async function askSentinel(sentinel: RedisAddress, name: string): Promise<RedisAddress> {
  const client = await connectClient(sentinel, {});
  try {
    const found: unknown = await client.sendCommand(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name]);
    if (!Array.isArray(found)) throw new Error(`no master is called ${name}`);
    return { host: String(found[0]), port: Number(found[1]) };
  } finally {
    destroyClient(client);
  }
}
