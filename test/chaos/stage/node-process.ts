import { connect } from 'node:net';
import { join } from 'node:path';
import { type Child, startChild } from '../../support/children.ts';
import { PROJECT } from '../../support/node-process.ts';
import { SECRET } from '../../support/tokens.ts';
import { until } from '../../support/waiting.ts';
import { WEBHOOK_SECRET } from '../../support/webhook-receiver.ts';
import type { Recorder } from '../log.ts';
import type { Host } from './network.ts';

function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 500 });
    const answer = (yes: boolean) => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', () => answer(true));
    socket.once('timeout', () => answer(false));
    socket.once('error', () => answer(false));
  });
}

export const NODE_PORT = 3_000;

export interface NodeSettings {
  /** The built server that it runs. */
  dist: string;
  env: Record<string, string>;
}

/** A node process; on a host of its own where the run makes a network. Whatever it does unasked goes into the history. */
export class NodeProcess {
  readonly name: string;
  readonly host: Host | null;
  readonly url: string;
  readonly port: number;
  readonly #settings: NodeSettings;
  readonly #recorder: Recorder;
  #child: Child | undefined;
  #killed = false;

  constructor(
    name: string,
    { host, port }: { host: Host | null; port: number },
    settings: NodeSettings,
    recorder: Recorder,
  ) {
    this.name = name;
    this.host = host;
    this.port = port;
    this.url = `http://${host?.address ?? '127.0.0.1'}:${port}`;
    this.#settings = settings;
    this.#recorder = recorder;
  }

  get pid(): number | undefined {
    return this.#child?.running ? this.#child.pid : undefined;
  }

  /** Starts it until it listens: one that finds no Redis ends, and whoever supervises it starts it again. */
  async start(): Promise<void> {
    const { dist, env } = this.#settings;
    const main = [join(dist, 'server', 'main.js')];
    const [command, args] = this.host?.inside(process.execPath, main) ?? [process.execPath, main];
    const settings = {
      PATH: process.env.PATH ?? '',
      PORT: String(this.port),
      HOST: this.host?.address ?? '127.0.0.1',
      VIGIL_JWT_SECRET: SECRET,
      VIGIL_WEBHOOK_SECRET: WEBHOOK_SECRET,
      LOG_LEVEL: 'warn',
      ...env,
    };
    let child = startChild(command, args, { cwd: PROJECT, env: settings });
    await until(
      () => {
        if (!child.running) child = startChild(command, args, { cwd: PROJECT, env: settings });
        return listens(this.host?.address ?? '127.0.0.1', this.port);
      },
      () => `${this.name} to listen; it wrote:\n${child.lines.join('\n')}`,
      { timeoutMs: 60_000, everyMs: 100 },
    );
    this.#child = child;
    this.#killed = false;
    void child.exited.then(({ code, signal }) => {
      if (!this.#killed) this.#recorder.write({ k: 'exit', n: this.name, code, signal });
    });
    void this.#followComplaints(child);
  }

  async #followComplaints(child: Child): Promise<void> {
    const isFault = (line: string) =>
      /"level":(50|60)/.test(line) || !line.startsWith('{') ? line : undefined;
    let seen = 0;
    while (child.running) {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      for (const line of child.lines.slice(seen)) {
        if (isFault(line) !== undefined)
          this.#recorder.write({ k: 'complaint', n: this.name, text: line.slice(0, 600) });
      }
      seen = child.lines.length;
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.signal(signal);
  }

  /** SIGKILL, or a polite SIGTERM; resolves when it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#killed = true;
    await this.#child?.kill(signal);
  }

  async close(): Promise<void> {
    await this.kill();
    await this.host?.close();
  }
}
