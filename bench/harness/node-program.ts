import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { PROJECT } from '../../test/support/node-process.ts';
import { withTimeout } from '../../test/support/waiting.ts';
import type { Answer, Callable } from './calls.ts';
import { compiled } from './compiled.ts';

const CALL_TIMEOUT_MS = 180_000;

/** A process of ours; it ends with us. */
export interface NodeProgram {
  readonly pid: number;
  /** Calls one of its functions. */
  call<T = unknown>(name: string, ...args: unknown[]): Promise<T>;
  /** The first line it writes that is JSON with a field of this name: its value. */
  said<T>(field: string): Promise<T>;
  signal(signal: NodeJS.Signals): void;
  close(): Promise<void>;
}

export interface ProgramOptions {
  args?: string[];
  execArgv?: string[];
  env?: Record<string, string>;
}

/** The functions of a program, to be called from here. */
export type Remote<F extends Callable> = {
  [N in keyof F]: (...args: Parameters<F[N]>) => Promise<Awaited<ReturnType<F[N]>>>;
};

export function remote<F extends Callable>(program: NodeProgram): Remote<F> {
  return new Proxy({} as Remote<F>, {
    get: (_, name: string) =>
      name === 'then' ? undefined : (...args: unknown[]) => program.call(name, ...args),
  });
}

/** Starts a program of bench/, without the loader that runs the bench itself. */
export async function startProgram(program: string, options: ProgramOptions = {}): Promise<NodeProgram> {
  return startNode(await compiled(program), options);
}

export function startNode(
  file: string,
  { args = [], execArgv = [], env = {} }: ProgramOptions = {},
): NodeProgram {
  const { PATH = '', HOME = '' } = process.env;
  const child = fork(file, args, {
    cwd: PROJECT,
    execArgv,
    env: { PATH, HOME, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  return new ForkedProgram(child, file);
}

class ForkedProgram implements NodeProgram {
  readonly #child: ChildProcess;
  readonly #file: string;
  readonly #calls = new Map<number, (answer: Answer) => void>();
  readonly #lines: string[] = [];
  readonly #watchers = new Set<() => void>();
  #lastCall = 0;

  constructor(child: ChildProcess, file: string) {
    this.#child = child;
    this.#file = file;
    child.on('message', (answer: Answer) => {
      this.#calls.get(answer.id)?.(answer);
      this.#calls.delete(answer.id);
    });
    child.on('exit', (code, signal) => this.#gone(code ?? signal));
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.#lines.push(line);
        if (this.#lines.length > 1_000) this.#lines.shift();
        for (const look of this.#watchers) look();
      });
    }
  }

  get pid(): number {
    return this.#child.pid!;
  }

  call<T>(name: string, ...args: unknown[]): Promise<T> {
    this.#lastCall += 1;
    const id = this.#lastCall;
    const answered = new Promise<T>((resolve, reject) => {
      this.#calls.set(id, ({ value, error }) => {
        if (error === undefined) resolve(value as T);
        else reject(new Error(`${name} of ${this.#file}: ${error}\n${this.#lines.slice(-10).join('\n')}`));
      });
    });
    this.#child.send({ id, name, args });
    return withTimeout(answered, CALL_TIMEOUT_MS, `${name} of ${this.#file}`);
  }

  said<T>(field: string): Promise<T> {
    const heard = new Promise<T>((resolve) => {
      const look = () => {
        const hit = this.#lines.map(parse).find((line) => line !== undefined && field in line);
        if (hit === undefined) return;
        this.#watchers.delete(look);
        resolve(hit[field] as T);
      };
      this.#watchers.add(look);
      look();
    });
    return withTimeout(heard, 20_000, () => `${field} from ${this.#file}:\n${this.#lines.join('\n')}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async close(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  #gone(how: unknown): void {
    for (const [id, settle] of this.#calls) settle({ id, error: `it ended (${how})` });
    this.#calls.clear();
  }
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
