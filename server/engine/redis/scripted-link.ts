import { ErrorReply } from 'redis';
import type { RedisLink } from '../../redis/redis-link.ts';
import { EngineUnavailable } from '../engine.ts';
import type { Scripts } from './scripts.ts';

type Log = { error(fields: object, message: string): void };

/** A server that answers, but cannot serve. */
const OF_THE_SERVER = /^(LOADING|CLUSTERDOWN|READONLY|MASTERDOWN|NOREPLICAS|MISCONF|BUSY|TRYAGAIN)/;
/** Pause between two complaints about what Redis refuses. */
const REFUSAL_PAUSE_MS = 10_000;
/** What a script refuses by itself; its caller knows what to do. */
export const REFUSALS = /^(EPOCH|RECOVERING)/;

/** The server answered, and cannot serve. */
export function isOfTheServer({ message }: ErrorReply): boolean {
  return OF_THE_SERVER.test(message);
}

/** Runs scripts by their digest; whoever does not know one yet is sent the whole. Tells whether the link is up. */
export class ScriptedLink {
  readonly #link: RedisLink;
  readonly #scripts: Scripts;
  readonly #log: Log;
  readonly #listeners = new Set<(up: boolean) => void>();
  #up = true;
  /** How often a server failed so far: each time, another one with older data may have taken its place. */
  failures = 0;
  #refusalSaidAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(link: RedisLink, scripts: Scripts, log: Log) {
    this.#link = link;
    this.#scripts = scripts;
    this.#log = log;
  }

  get up(): boolean {
    return this.#up;
  }

  onLink(listener: (up: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Rejects with EngineUnavailable; or with what a script refused by a code of its own, as an ErrorReply. */
  async run(name: string, key: string, args: string[]): Promise<unknown> {
    const { source, sha } = this.#scripts.get(name)!;
    return this.#guarded(async () => {
      try {
        return await this.#link.send(key, ['EVALSHA', sha, '1', key, ...args]);
      } catch (error) {
        if (!(error instanceof ErrorReply) || !error.message.startsWith('NOSCRIPT')) throw error;
        return this.#link.send(key, ['EVAL', source, '1', key, ...args]);
      }
    });
  }

  send(key: string, words: string[]): Promise<unknown> {
    return this.#guarded(() => this.#link.send(key, words));
  }

  async #guarded(call: () => Promise<unknown>): Promise<unknown> {
    if (this.#closed) throw new EngineUnavailable('closed');
    try {
      return await call();
    } catch (error) {
      if (error instanceof ErrorReply && REFUSALS.test(error.message)) throw error;
      if (!(error instanceof ErrorReply) || isOfTheServer(error)) this.#fail();
      else this.#sayRefused(error);
      throw new EngineUnavailable('Redis does not answer', { cause: error });
    }
  }

  /** A full Redis refuses every call: once a while is enough to say so. */
  #sayRefused(err: ErrorReply): void {
    const now = performance.now();
    if (now - this.#refusalSaidAt < REFUSAL_PAUSE_MS) return;
    this.#refusalSaidAt = now;
    this.#log.error({ err }, 'Redis refuses what it is asked');
  }

  /** Somebody found out that Redis answers again, or does not. */
  turnUp(): void {
    this.#turn(true);
  }

  #fail(): void {
    this.failures += 1;
    this.#turn(false);
  }

  #turn(up: boolean): void {
    if (this.#up === up || this.#closed) return;
    this.#up = up;
    for (const listener of this.#listeners) listener(up);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#listeners.clear();
    await this.#link.close().catch(() => {});
  }
}
