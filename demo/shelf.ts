import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';

/** A value that survives a restart: kept in memory, written whole to one JSON file. */
export interface Shelf<T> {
  readonly value: T;
  /** Resolves once a file that holds the value as it is now, or newer, is on the disk. Saves that overlap share a write. */
  save(): Promise<void>;
}

export interface ShelfOptions<T> {
  /** Null: nothing is written. */
  dir: string | null;
  name: string;
  schema: z.ZodType<T>;
  initial: () => T;
  warn: (message: string) => void;
}

export function openShelf<T>({ dir, name, schema, initial, warn }: ShelfOptions<T>): Shelf<T> {
  if (dir === null) return { value: initial(), save: () => Promise.resolve() };
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, `${name}.json`);
  const value = read(file, schema, warn) ?? initial();
  let writing: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  function save(): Promise<void> {
    if (writing === null) {
      writing = write(file, value).finally(() => {
        writing = null;
      });
      return writing;
    }
    // What is being written may be older than the value now: one more write, shared by all who ask meanwhile.
    next ??= writing
      .catch(() => {})
      .then(() => {
        next = null;
        return save();
      });
    return next;
  }

  return { value, save };
}

/** What the file holds; undefined where there is none. One that does not parse is put aside, not overwritten. */
function read<T>(file: string, schema: z.ZodType<T>, warn: (message: string) => void): T | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    const aside = `${file}.unreadable`;
    renameSync(file, aside);
    warn(`${file} does not hold what it should; it is now ${aside}, and the desk starts without it`);
    return undefined;
  }
}

/** Whole or not at all, also when the power fails: written beside the old file, then put in its place. */
async function write(file: string, value: unknown): Promise<void> {
  const draft = `${file}.new`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(JSON.stringify(value));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}
