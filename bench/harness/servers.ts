import { SECRET } from '../../test/support/tokens.ts';
import { compiled } from './compiled.ts';
import { type NodeProgram, type Remote, remote, startNode } from './node-program.ts';
import type { Probe } from './probe.ts';

/** A server under measurement, with the probe inside. */
export interface MeasuredServer {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  readonly probe: Remote<Probe>;
  signal(signal: NodeJS.Signals): void;
  close(): Promise<void>;
}

/** A Vigil node as `npm start` runs it, with the settings that are given. */
export function startVigilNode(env: Record<string, string>): Promise<MeasuredServer> {
  const memory = 'REDIS_URL' in env ? {} : { VIGIL_DATA_DIR: 'none' };
  return measured('dist/server/main.js', {
    PORT: '0',
    HOST: '127.0.0.1',
    VIGIL_JWT_SECRET: SECRET,
    ...memory,
    ...env,
  });
}

/** What it is compared with: a program of bench/baselines. */
export async function startBaseline(name: string, env: Record<string, string> = {}): Promise<MeasuredServer> {
  return measured(await compiled(`baselines/${name}.ts`), env);
}

async function measured(file: string, env: Record<string, string>): Promise<MeasuredServer> {
  const probe = await compiled('harness/probe.ts');
  const program: NodeProgram = startNode(file, { execArgv: ['--expose-gc', '--import', probe], env });
  const port = await program.said<number>('port');
  return {
    pid: program.pid,
    port,
    url: `http://127.0.0.1:${port}`,
    probe: remote<Probe>(program),
    signal: (signal) => program.signal(signal),
    close: () => program.close(),
  };
}
