import { cpuMs } from '../harness/process-cost.ts';

/** What a simulated day is made of, as far as it costs Redis anything. */
export const KINDS = ['logins', 'tabs', 'changes', 'touches', 'logouts', 'sweeps'] as const;
export type Kind = (typeof KINDS)[number];

/** Redis's CPU time by what it was spent on. */
export class Ledger {
  readonly count: Record<Kind, number> = {
    logins: 0,
    tabs: 0,
    changes: 0,
    touches: 0,
    logouts: 0,
    sweeps: 0,
  };
  readonly ms: Record<Kind, number> = { logins: 0, tabs: 0, changes: 0, touches: 0, logouts: 0, sweeps: 0 };
  readonly #pid: number;

  constructor(pid: number) {
    this.#pid = pid;
  }

  async spend(kind: Kind, count: number, run: () => Promise<unknown>): Promise<void> {
    if (count === 0) return;
    const before = cpuMs(this.#pid);
    await run();
    this.ms[kind] += cpuMs(this.#pid) - before;
    this.count[kind] += count;
  }

  get total(): number {
    return KINDS.reduce((sum, kind) => sum + this.ms[kind], 0);
  }
}
