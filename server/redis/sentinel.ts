import type { RedisAddress, RedisTarget } from '../redis-url.ts';
import { CallsUnderWay } from './calls-under-way.ts';
import { COMMAND_TIMEOUT_MS } from './redis-link.ts';
import { connectClient, destroyClient, type ServerClient } from './server-connection.ts';

export type SentinelTarget = RedisTarget & { kind: 'sentinel' };

/** A master, as Sentinels name it. */
export interface NamedMaster extends RedisAddress {
  /** Grows with every failover. */
  epoch: number;
}

/** The Sentinels of a master, asked again and again over connections that stay. */
export class Sentinels {
  readonly #target: SentinelTarget;
  readonly #asked: readonly Sentinel[];

  constructor(target: SentinelTarget) {
    this.#target = target;
    this.#asked = target.sentinels.map((address) => new Sentinel(address, target.name));
  }

  /** Connects to the master that the Sentinels name, once it says itself that it is one. */
  async connectToMaster(): Promise<{ client: ServerClient; master: NamedMaster }> {
    const master = await this.findMaster();
    const client = await connectClient({ host: master.host, port: master.port }, this.#target);
    try {
      const [role] = (await client.sendCommand(['ROLE'])) as unknown as [string];
      if (role === 'master') return { client, master };
    } catch {
      // It has left already.
    }
    destroyClient(client);
    throw new Error(`${master.host}:${master.port} is no master`);
  }

  /**
   * The master of the latest failover that any of the Sentinels that answer first knows of, more than half of all where so
   * many answer: one that is cut off, or has not heard yet, names the one before.
   */
  findMaster(): Promise<NamedMaster> {
    const enough = Math.floor(this.#asked.length / 2) + 1;
    const failed: unknown[] = [];
    let answered = 0;
    let latest: NamedMaster | undefined;
    return new Promise((resolve, reject) => {
      const settle = () => {
        const isOver = answered + failed.length === this.#asked.length;
        if (latest !== undefined && (isOver || answered >= enough)) resolve(latest);
        else if (isOver) reject(this.#nobody(failed));
      };
      for (const sentinel of this.#asked) {
        sentinel.ask().then(
          (master) => {
            answered += 1;
            if (latest === undefined || master.epoch > latest.epoch) latest = master;
            settle();
          },
          (error: unknown) => {
            failed.push(error);
            settle();
          },
        );
      }
    });
  }

  /** Whether there has been another failover since, and to another server. */
  async haveLeft(master: NamedMaster): Promise<boolean> {
    const { host, port, epoch } = await this.findMaster();
    return epoch > master.epoch && (host !== master.host || port !== master.port);
  }

  #nobody(failed: unknown[]): Error {
    const cause = new AggregateError(failed);
    return new Error(`no Sentinel names a master called ${this.#target.name}`, { cause });
  }

  close(): void {
    for (const sentinel of this.#asked) sentinel.close();
  }
}

/** One of them. Whoever asks while it owes an answer gets that answer, so that one that hangs collects no questions. */
class Sentinel {
  readonly #address: RedisAddress;
  readonly #name: string;
  readonly #calls = new CallsUnderWay(COMMAND_TIMEOUT_MS, () => this.#forget());
  #client: ServerClient | undefined;
  #answer: Promise<NamedMaster> | undefined;
  #closed = false;

  constructor(address: RedisAddress, name: string) {
    this.#address = address;
    this.#name = name;
  }

  ask(): Promise<NamedMaster> {
    this.#answer ??= this.#ask().finally(() => {
      this.#answer = undefined;
    });
    return this.#answer;
  }

  async #ask(): Promise<NamedMaster> {
    const client = this.#client ?? (await this.#connect());
    try {
      // In this order: during a failover the address follows the epoch, and not all commands tell the new one.
      const fields = client.sendCommand(['SENTINEL', 'MASTER', this.#name]);
      const address = client.sendCommand(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', this.#name]);
      const told = (await this.#calls.watch(Promise.all([fields, address]))) as unknown as [
        string[],
        string[],
      ];
      return { host: told[1][0]!, port: Number(told[1][1]), epoch: epochIn(told[0]) };
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  async #connect(): Promise<ServerClient> {
    const client = await connectClient(this.#address, {});
    const gone = () => {
      if (this.#client === client) this.#forget();
    };
    client.once('end', gone);
    client.once('error', gone);
    this.#client = client;
    if (!this.#closed) return client;
    this.#forget();
    throw new Error('closed');
  }

  #forget(): void {
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) destroyClient(client);
  }

  close(): void {
    this.#closed = true;
    this.#calls.stop();
    this.#forget();
  }
}

function epochIn(fields: string[]): number {
  return Number(fields[fields.indexOf('config-epoch') + 1]);
}
