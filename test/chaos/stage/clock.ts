import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../../support/children.ts';
import { temporaryFolder } from '../../support/places.ts';

const SOURCE = fileURLToPath(new URL('./stepping-clock.c', import.meta.url));

/** The clock of the Redis servers that are started with `env`: engine time, which the run may step. */
export interface SteppingClock {
  readonly env: Record<string, string>;
  readonly aheadMs: number;
  step(ms: number): void;
}

export function createSteppingClock(): SteppingClock {
  const folder = temporaryFolder('clock');
  const library = join(folder, 'stepping-clock.so');
  execFileSync(findProgram('gcc', 'cc'), ['-O2', '-shared', '-fPIC', SOURCE, '-o', library]);
  const path = join(folder, 'ahead');
  let aheadMs = 0;
  const write = (): void => {
    const bytes = Buffer.alloc(4096);
    bytes.writeBigInt64LE(BigInt(aheadMs));
    const file = openSync(path, 'a+');
    closeSync(file);
    const open = openSync(path, 'r+');
    writeSync(open, bytes, 0, bytes.length, 0);
    closeSync(open);
  };
  write();
  return {
    env: { LD_PRELOAD: library, STEPPING_CLOCK: path },
    get aheadMs() {
      return aheadMs;
    },
    step(ms) {
      aheadMs += ms;
      write();
    },
  };
}
