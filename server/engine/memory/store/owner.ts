import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import type { Database } from 'lmdb';
import type { Clock } from '../../../clock.ts';

/** Who writes to a data directory. `host` tells machine, boot and process namespace, so that `pid` means something. */
interface Owner {
  token: string;
  host: string;
  pid: number;
  beat: number;
}

export class DataDirInUse extends Error {
  constructor(dir: string) {
    super(`another process uses ${dir}`);
    this.name = 'DataDirInUse';
  }
}

const KEY = ['owner'];
const BEAT_MS = 500;
/** An owner whose beat stands still for so long is gone (or stopped; then it will find that it lost the directory). */
const SILENCE_MS = 2_500;

/**
 * Claims the directory for this process; DataDirInUse where another one lives in it. After a `kill -9` on the same
 * machine the claim succeeds at once, elsewhere after 2.5 s without a beat. `mine()` belongs into every transaction:
 * a process that was stopped while another took over must not write any more.
 */
export async function claimOwnership(db: Database, dir: string, clock: Clock): Promise<Ownership> {
  const found: Owner | undefined = db.get(KEY);
  if (found !== undefined && !isDead(found) && (await beats(db, found, clock))) throw new DataDirInUse(dir);
  const owner: Owner = { token: randomUUID(), host: hostOf(), pid: process.pid, beat: 0 };
  const claimed = db.transactionSync(() => {
    const now: Owner | undefined = db.get(KEY);
    if (now?.token !== found?.token || now?.beat !== found?.beat) return false;
    db.putSync(KEY, owner);
    return true;
  });
  if (!claimed) throw new DataDirInUse(dir);
  return new Ownership(db, owner, clock);
}

export class Ownership {
  readonly #db: Database;
  readonly #owner: Owner;
  readonly #clock: Clock;
  #cancel: () => void = () => {};

  constructor(db: Database, owner: Owner, clock: Clock) {
    this.#db = db;
    this.#owner = owner;
    this.#clock = clock;
    this.#schedule();
  }

  /** Inside a transaction: whether this process still is the one. */
  mine(): boolean {
    return this.#db.get(KEY)?.token === this.#owner.token;
  }

  release(): Promise<unknown> {
    this.#cancel();
    return this.#db.transaction(() => {
      if (this.mine()) this.#db.remove(KEY);
    });
  }

  #schedule(): void {
    this.#cancel = this.#clock.after(BEAT_MS, () => {
      this.#owner.beat += 1;
      const beaten = this.#db.transaction(() => {
        if (this.mine()) this.#db.put(KEY, this.#owner);
      });
      // A store that cannot take a beat cannot take a step either; the next step says so.
      beaten.catch(() => {});
      this.#schedule();
    });
  }
}

async function beats(db: Database, found: Owner, clock: Clock): Promise<boolean> {
  const until = clock.monotonic() + SILENCE_MS;
  while (clock.monotonic() < until) {
    await new Promise<void>((resolve) => clock.after(100, resolve));
    const now: Owner | undefined = db.get(KEY);
    if (now?.token !== found.token || now.beat !== found.beat) return now !== undefined;
  }
  return false;
}

function isDead(owner: Owner): boolean {
  if (owner.host !== hostOf()) return false;
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function hostOf(): string {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return `unknown ${randomUUID()}`;
  }
}
