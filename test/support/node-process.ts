import { fileURLToPath } from 'node:url';
import { type Child, type Exit, startChild } from './children.ts';
import { temporaryFolder } from './places.ts';
import { SECRET } from './tokens.ts';

export const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

// biome-ignore lint/suspicious/noExplicitAny: log lines carry whatever was logged
export type LogLine = Record<string, any> & { level?: number; msg?: string };

/** A Vigil node in a process of its own, as `npm start` runs it. */
export interface VigilProcess {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly env: Readonly<Record<string, string>>;
  readonly dataDir: string;
  /** All that was logged so far. */
  readonly logs: LogLine[];
  readonly exited: Promise<Exit>;
  readonly running: boolean;
  waitForLog(match: (line: LogLine) => boolean, what: string, timeoutMs?: number): Promise<LogLine>;
  signal(signal: NodeJS.Signals): void;
  kill(signal?: NodeJS.Signals): Promise<Exit>;
  /** The same node again: same settings, same data, same port. */
  restart(): Promise<VigilProcess>;
  close(): Promise<unknown>;
}

/** Starts a node and waits until it listens. Settings come from `env` alone, not from whoever runs the tests. */
export async function startVigil(env: Record<string, string> = {}): Promise<VigilProcess> {
  const settings = vigilSettings(env);
  const child = launch(settings);
  const port = await child.waitForLine(readyPort, 'the line that says it is ready', 15_000);
  return describeNode(child, port, settings);
}

/** Starts a node that is expected to refuse: resolves with its exit and all that it wrote. */
export async function runVigil(env: Record<string, string>): Promise<Exit & { output: string }> {
  const child = launch(env);
  const stop = setTimeout(() => child.signal('SIGKILL'), 15_000);
  const exit = await child.exited;
  clearTimeout(stop);
  return { ...exit, output: child.lines.join('\n') };
}

function vigilSettings(env: Record<string, string>): Record<string, string> {
  const keyed = 'VIGIL_JWT_SECRET' in env || 'VIGIL_JWT_PUBLIC_KEY' in env || env.VIGIL_DEMO === '1';
  return {
    PORT: '0',
    HOST: '127.0.0.1',
    ...(keyed ? {} : { VIGIL_JWT_SECRET: SECRET }),
    ...('VIGIL_DATA_DIR' in env ? {} : { VIGIL_DATA_DIR: temporaryFolder('data') }),
    ...env,
  };
}

function launch(env: Record<string, string>): Child {
  const { PATH = '', HOME = '', TMPDIR } = process.env;
  return startChild(process.execPath, ['dist/server/main.js'], {
    cwd: PROJECT,
    env: { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }), ...env },
  });
}

function readyPort(text: string): number | undefined {
  const port = parseLog(text)?.port;
  return typeof port === 'number' && port > 0 ? port : undefined;
}

function parseLog(text: string): LogLine | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return undefined;
  }
}

function describeNode(child: Child, port: number, env: Record<string, string>): VigilProcess {
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    pid: child.pid,
    env,
    dataDir: env.VIGIL_DATA_DIR ?? '',
    get logs() {
      return child.lines.flatMap((line) => parseLog(line) ?? []);
    },
    exited: child.exited,
    get running() {
      return child.running;
    },
    waitForLog(match, what, timeoutMs) {
      const hit = (text: string) => {
        const line = parseLog(text);
        return line !== undefined && match(line) ? line : undefined;
      };
      return child.waitForLine(hit, what, timeoutMs);
    },
    signal: (signal) => child.signal(signal),
    kill: (signal) => child.kill(signal),
    restart: () => startVigil({ ...env, PORT: String(port) }),
    close: () => child.kill('SIGKILL'),
  };
}
