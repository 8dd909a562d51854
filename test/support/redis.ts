import { createClient } from 'redis';
import { type Child, type Exit, findProgram, startChild } from './children.ts';
import { freePort, temporaryFolder } from './places.ts';

export interface RedisOptions {
  port?: number;
  /** `aof`: every write is flushed each second and survives a kill -9; else nothing does. */
  persistence?: 'none' | 'aof';
  /** Further settings, as on redis-server's command line: `['--maxmemory', '10mb']`. */
  args?: string[];
}

/** A private redis-server; the same port and folder after a restart. */
export interface RedisServer {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly folder: string;
  readonly pid: number;
  readonly running: boolean;
  readonly lines: readonly string[];
  /** Runs one command on a connection of its own. */
  command<T = unknown>(...args: string[]): Promise<T>;
  kill9(): Promise<Exit>;
  /** SIGSTOP: it accepts connections and answers nothing. */
  stop(): void;
  cont(): void;
  restart(): Promise<void>;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const port = options.port ?? (await freePort());
  const folder = temporaryFolder('redis');
  const args = redisArgs(port, folder, options);
  let child = await launch(args);
  return {
    url: `redis://${HOST}:${port}`,
    host: HOST,
    port,
    folder,
    get pid() {
      return child.pid;
    },
    get running() {
      return child.running;
    },
    get lines() {
      return child.lines;
    },
    command: (...words) => runRedisCommand(port, words),
    kill9: () => child.kill('SIGKILL'),
    stop: () => child.signal('SIGSTOP'),
    cont: () => child.signal('SIGCONT'),
    async restart() {
      await child.kill('SIGKILL');
      child = await launch(args);
    },
    async close() {
      await child.kill('SIGKILL');
    },
  };
}

function redisArgs(
  port: number,
  folder: string,
  { persistence = 'none', args = [] }: RedisOptions,
): string[] {
  const settings = { port, bind: HOST, dir: folder, daemonize: 'no', 'protected-mode': 'no', save: '' };
  const append =
    persistence === 'aof' ? { appendonly: 'yes', appendfsync: 'everysec' } : { appendonly: 'no' };
  const words = Object.entries({ ...settings, ...append }).flatMap(([name, value]) => [
    `--${name}`,
    `${value}`,
  ]);
  return [...words, ...args];
}

async function launch(args: string[]): Promise<Child> {
  const child = startChild(findProgram('redis-server'), args);
  await child.waitForLine((line) => line.includes('Ready to accept connections') || undefined, 'being ready');
  return child;
}

/** One command on a connection of its own. */
export async function runRedisCommand<T>(port: number, words: string[]): Promise<T> {
  const client = createClient({
    socket: { host: HOST, port, reconnectStrategy: false, connectTimeout: 3_000, socketTimeout: 5_000 },
  });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.sendCommand(words)) as T;
  } finally {
    client.destroy();
  }
}
