import { createClient } from 'redis';
import { type Child, findProgram, startChild } from '../../support/children.ts';
import { temporaryFolder } from '../../support/places.ts';
import type { Host } from './network.ts';

export const REDIS_PORT = 6379;

/** A redis-server on a host of its own, with an append-only file, that can be killed, stopped, slowed and cut off. */
export class RedisProcess {
  readonly host: Host;
  readonly name: string;
  readonly #args: string[];
  readonly #env: Record<string, string>;
  #child: Child | undefined;

  constructor(host: Host, args: readonly string[], env: Record<string, string>) {
    this.host = host;
    this.name = host.name;
    this.#env = env;
    const settings = {
      port: REDIS_PORT,
      bind: host.address,
      dir: temporaryFolder('chaos-redis'),
      'protected-mode': 'no',
      save: '',
      appendonly: 'yes',
      appendfsync: 'everysec',
      'repl-diskless-sync-delay': 0,
      'repl-ping-replica-period': 1,
    };
    const words = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, `${value}`]);
    this.#args = [...words, ...args];
  }

  get address(): string {
    return `${this.host.address}:${REDIS_PORT}`;
  }

  get running(): boolean {
    return this.#child?.running ?? false;
  }

  async start(further: readonly string[] = []): Promise<void> {
    const [command, args] = this.host.inside(findProgram('redis-server'), [...this.#args, ...further]);
    const child = startChild(command, args, { env: { PATH: process.env.PATH ?? '', ...this.#env } });
    this.#child = child;
    const ready = (line: string) => /Ready to accept connections/.test(line) || undefined;
    await child.waitForLine(ready, 'being ready', 20_000);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.signal(signal);
  }

  async kill9(): Promise<void> {
    await this.#child?.kill('SIGKILL');
  }

  command<T>(...words: string[]): Promise<T> {
    return runCommand<T>(this.host.address, REDIS_PORT, words);
  }

  close(): Promise<unknown> {
    return this.#child?.kill('SIGKILL') ?? Promise.resolve();
  }
}

/** One command on a connection of its own. */
export async function runCommand<T>(host: string, port: number, words: string[]): Promise<T> {
  const client = createClient({
    socket: { host, port, reconnectStrategy: false, connectTimeout: 2_000, socketTimeout: 4_000 },
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.sendCommand(words)) as T;
  } finally {
    client.destroy();
  }
}
