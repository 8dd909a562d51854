import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { withTimeout } from './waiting.ts';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Child {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** What it wrote to stdout and stderr so far, line by line. */
  readonly lines: readonly string[];
  readonly running: boolean;
  /** Resolves with the first line, past or to come, that matches; rejects when the child exits without it. */
  waitForLine<T>(match: (line: string) => T | undefined, what: string, timeoutMs?: number): Promise<T>;
  signal(signal: NodeJS.Signals): void;
  /** Ends it, also when it is stopped, and resolves when it is gone. */
  kill(signal?: NodeJS.Signals): Promise<Exit>;
}

const PATH = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The first of these programs that is installed. */
export function findProgram(...names: string[]): string {
  for (const name of names) {
    const found = name.includes('/') ? [name] : PATH.map((folder) => join(folder, name));
    const path = found.find((candidate) => existsSync(candidate));
    if (path !== undefined) return path;
  }
  throw new Error(`None of ${names.join(', ')} is installed: run scripts/setup-tests.sh`);
}

/** Starts a program that does not outlive the tests, however they end. */
export function startChild(command: string, args: string[], options: SpawnOptions = {}): Child {
  const [file, argv] = dyingWithUs(command, args);
  const child = spawn(file, argv, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  living.add(child);
  return new TrackedChild(child, command);
}

const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** The exit hook does not run when the tests themselves are killed: there the kernel ends the child (Linux). */
function dyingWithUs(command: string, args: string[]): [string, string[]] {
  const setpriv = PATH.map((folder) => join(folder, 'setpriv')).find((path) => existsSync(path));
  return setpriv === undefined ? [command, args] : [setpriv, ['--pdeathsig', 'KILL', '--', command, ...args]];
}

class TrackedChild implements Child {
  readonly exited: Promise<Exit>;
  readonly lines: string[] = [];
  running = true;
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #watchers = new Set<(line: string) => void>();

  constructor(child: ChildProcess, name: string) {
    this.#child = child;
    this.#name = name;
    this.exited = new Promise((resolve, reject) => {
      child.once('error', reject);
      // `close` and not `exit`: by then all of its output has been read.
      child.once('close', (code, signal) => {
        this.running = false;
        living.delete(child);
        resolve({ code, signal });
      });
    });
    this.exited.catch(() => {});
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream! }).on('line', (line) => this.#read(line));
    }
  }

  get pid(): number {
    return this.#child.pid!;
  }

  #read(line: string): void {
    this.lines.push(line);
    for (const watcher of this.#watchers) watcher(line);
  }

  async waitForLine<T>(match: (line: string) => T | undefined, what: string, timeoutMs = 10_000): Promise<T> {
    let stop = () => {};
    const found = new Promise<T>((resolve) => {
      const look = (line: string) => {
        const hit = match(line);
        if (hit !== undefined) resolve(hit);
      };
      this.lines.forEach(look);
      this.#watchers.add(look);
      stop = () => this.#watchers.delete(look);
    });
    const gone = this.exited.then(({ code, signal }) => {
      throw new Error(`${this.#name} ended (${code ?? signal}) before ${what}:\n${this.lines.join('\n')}`);
    });
    try {
      return await withTimeout(Promise.race([found, gone]), timeoutMs, () => {
        return `${what} from ${this.#name}, which wrote:\n${this.lines.slice(-30).join('\n')}`;
      });
    } finally {
      stop();
      gone.catch(() => {});
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Exit> {
    if (this.running) this.#child.kill(signal);
    return this.exited;
  }
}
