import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createGunzip, createGzip, type Gzip } from 'node:zlib';

/**
 * The history of a run, a JSON line for each thing that was seen from outside of the nodes. `t` is the recorder's own
 * monotonic clock in ms since its start; everything else is what was sent or heard, as it was.
 */
export type Entry = { t: number } & Seen;

export type Seen =
  | {
      k: 'meta';
      profile: string;
      seed: number;
      leadMs: number;
      timeoutMs: number;
      nodes: string[];
      epoch: number;
    }
  /** A login: the host signed a token. */
  | { k: 'login'; a: string; g: string; s: string; auto: boolean; kind: string }
  /** A connection of a tab was upgraded, by this node. */
  | { k: 'open'; c: number; a: string; g: string; s: string; n: string }
  | { k: 'sent'; c: number; e: string; m: Record<string, unknown> }
  | { k: 'heard'; c: number; e: string; m: Message }
  | { k: 'refused'; c: number; code: string; reason?: string }
  /** Nobody listens on it any more; `by` whom it was closed. */
  | { k: 'closed'; c: number; by: 'tab' | 'server' }
  /** An HTTP call with the token of a `sid`; `t` is when it was asked. */
  | {
      k: 'asked';
      call: string;
      a: string;
      s: string;
      doneAt: number;
      status: number;
      code?: string;
      reason?: string;
    }
  /** A webhook arrived; `taken`: it was answered with 2xx. */
  | { k: 'hook'; event: VigilEvent; taken: boolean }
  /** A page of `/v1/events`, as a host follows it; `last`: read whole, from the first, when everything was over. */
  | { k: 'events'; a: string; events: VigilEvent[]; last: boolean }
  | { k: 'fault'; id: number; fault: string; on: string; phase: 'begin' | 'end'; note?: string }
  /** What `/readyz` of a node said, where it is another than before; `0`: nothing. */
  | { k: 'ready'; n: string; status: number }
  /** A node process ended although nobody killed it. */
  | { k: 'exit'; n: string; code: number | null; signal: string | null }
  /** A node logged a fault of its own. */
  | { k: 'complaint'; n: string; text: string }
  /** The recorder itself was late by so much. */
  | { k: 'late'; ms: number }
  /** Nobody does anything any more: every session has to end. */
  | { k: 'quiet' }
  | { k: 'done' };

// biome-ignore lint/suspicious/noExplicitAny: what a server sent, before anyone has judged it
export type Message = Record<string, any>;

export interface VigilEvent {
  id: string;
  type: string;
  account: string;
  at: number;
  data: Message;
}

/** Writes a history as it comes. */
export class Recorder {
  readonly #startedAt = performance.now();
  readonly #gzip: Gzip;
  readonly #file: WriteStream;
  readonly #lateness: NodeJS.Timeout;
  readonly #listeners = new Set<(entry: Entry) => void>();
  entries = 0;

  constructor(path: string) {
    this.#gzip = createGzip({ level: 3 });
    this.#file = createWriteStream(path);
    this.#gzip.pipe(this.#file);
    let dueAt = performance.now() + LATENESS_MS;
    this.#lateness = setInterval(() => {
      const ms = Math.round(performance.now() - dueAt);
      if (ms > 50) this.write({ k: 'late', ms });
      dueAt = performance.now() + LATENESS_MS;
    }, LATENESS_MS);
  }

  now(): number {
    return Math.round((performance.now() - this.#startedAt) * 10) / 10;
  }

  write(seen: Seen, t = this.now()): void {
    const entry = { t, ...seen };
    this.entries += 1;
    this.#gzip.write(`${JSON.stringify(entry)}\n`);
    for (const listener of this.#listeners) listener(entry);
  }

  onEntry(listener: (entry: Entry) => void): void {
    this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    clearInterval(this.#lateness);
    this.#gzip.end();
    await finished(this.#file);
  }
}

const LATENESS_MS = 100;

/** Reads a history back, in the order of its writing. */
export async function* readHistory(path: string): AsyncGenerator<Entry> {
  let left = '';
  try {
    for await (const chunk of createReadStream(path).pipe(createGunzip().setEncoding('utf8'))) {
      const lines = (left + chunk).split('\n');
      left = lines.pop()!;
      for (const line of lines) yield JSON.parse(line) as Entry;
    }
  } catch (error) {
    // A run that was cut off has told what it had seen until then.
    if ((error as NodeJS.ErrnoException).code !== 'Z_BUF_ERROR') throw error;
  }
}
