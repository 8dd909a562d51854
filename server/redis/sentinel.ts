import type { RedisAddress, RedisTarget } from '../redis-url.ts';
import { connectClient, destroyClient, type ServerClient } from './server-connection.ts';

export type SentinelTarget = RedisTarget & { kind: 'sentinel' };

/** A master, as a Sentinel knows it. */
interface Named extends RedisAddress {
  /** Grows with every failover. */
  epoch: number;
}

/** The Sentinels of a master, asked again and again over connections that stay. */
export class Sentinels {
  readonly #target: SentinelTarget;
  readonly #clients = new Map<RedisAddress, ServerClient>();
  #closed = false;

  constructor(target: SentinelTarget) {
    this.#target = target;
  }

  /** Connects to the master that the Sentinels name, once it says itself that it is one. */
  async connectToMaster(): Promise<{ client: ServerClient; address: RedisAddress }> {
    const address = await this.findMaster();
    const client = await connectClient(address, this.#target);
    try {
      const [role] = (await client.sendCommand(['ROLE'])) as unknown as [string];
      if (role === 'master') return { client, address };
    } catch {
      // It has left already.
    }
    destroyClient(client);
    throw new Error(`${address.host}:${address.port} is no master`);
  }

  /**
   * The master of the latest failover that more than half of the Sentinels know of, or all that answer: one that is cut off,
   * or has not heard yet, names the one before.
   */
  async findMaster(): Promise<RedisAddress> {
    const { sentinels, name } = this.#target;
    const found: Named[] = [];
    const failed: unknown[] = [];
    const asked = sentinels.map((sentinel) =>
      this.#ask(sentinel).then(
        (master) => void found.push(master),
        (error: unknown) => void failed.push(error),
      ),
    );
    const enough = Math.floor(sentinels.length / 2) + 1;
    await settledOr(asked, () => found.length >= enough);
    const [latest] = found.sort((a, b) => b.epoch - a.epoch);
    if (latest === undefined)
      throw new Error(`no Sentinel names a master called ${name}`, { cause: new AggregateError(failed) });
    return { host: latest.host, port: latest.port };
  }

  async #ask(sentinel: RedisAddress): Promise<Named> {
    const { name } = this.#target;
    const client = this.#clients.get(sentinel) ?? (await this.#connect(sentinel));
    try {
      const words = (await client.sendCommand(['SENTINEL', 'MASTER', name])) as unknown as string[];
      const field = (wanted: string) => String(words[words.indexOf(wanted) + 1]);
      return { host: field('ip'), port: Number(field('port')), epoch: Number(field('config-epoch')) };
    } catch (error) {
      this.#forget(sentinel, client);
      throw error;
    }
  }

  async #connect(sentinel: RedisAddress): Promise<ServerClient> {
    const client = await connectClient(sentinel, {});
    if (this.#closed) destroyClient(client);
    // Of two that were opened at the same time one is enough.
    this.#forget(sentinel, this.#clients.get(sentinel));
    this.#clients.set(sentinel, client);
    client.once('end', () => this.#forget(sentinel, client));
    client.once('error', () => this.#forget(sentinel, client));
    return client;
  }

  #forget(sentinel: RedisAddress, client: ServerClient | undefined): void {
    if (client === undefined) return;
    if (this.#clients.get(sentinel) === client) this.#clients.delete(sentinel);
    destroyClient(client);
  }

  close(): void {
    this.#closed = true;
    for (const [sentinel, client] of [...this.#clients]) this.#forget(sentinel, client);
  }
}

/** Resolves when all have answered or failed, or enough of them have. */
function settledOr(asked: Promise<void>[], isEnough: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    for (const answer of asked)
      void answer.then(() => {
        if (isEnough()) resolve();
      });
    void Promise.all(asked).then(() => resolve());
  });
}

export function isSame(a: RedisAddress, b: RedisAddress): boolean {
  return a.host === b.host && a.port === b.port;
}
