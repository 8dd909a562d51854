import type { CrowdFunctions } from '../load/crowd.ts';
import { type Remote, remote, startProgram } from './node-program.ts';

/** Thousands of tabs in a process of their own. */
export interface RemoteCrowd {
  readonly pid: number;
  readonly tabs: Remote<CrowdFunctions>;
  close(): Promise<void>;
}

export async function startCrowd(): Promise<RemoteCrowd> {
  const program = await startProgram('load/crowd.ts');
  return { pid: program.pid, tabs: remote<CrowdFunctions>(program), close: () => program.close() };
}
