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
  /** How often the link went down or came back, and how often calls failed, by the hash tag of their key. */
  #turns = 0;
  readonly #failures = new Map<string, number>();
  #refusalSaidAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(link: RedisLink, scripts: Scripts, log: Log) {
    this.#link = link;
    this.#scripts = scripts;
    this.#log = log;
    // Nothing failed, and yet it is another server.
    link.onReplaced?.(() => {
      this.#turns += 1;
      this.#turn(false);
    });
  }

  get up(): boolean {
    return this.#up;
  }

  /**
   * Grows whenever another server, with older data, may have taken the place of the one that has this key. The first
   * failure of all counts for every key, since who shares that server may not have noticed; later ones for their own: a
   * part of a Cluster that stays away must not keep the others busy.
   */
  failuresOf(key: string): number {
    return this.#turns + (this.#failures.get(tagOf(key)) ?? 0);
  }

  onLink(listener: (up: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Rejects with EngineUnavailable; or with what a script refused by a code of its own, as an ErrorReply. */
  async run(name: string, key: string, args: string[]): Promise<unknown> {
    const { source, sha } = this.#scripts.get(name)!;
    if (this.#closed) throw new EngineUnavailable('closed');
    try {
      return await this.#link.send(key, ['EVALSHA', sha, '1', key, ...args]);
    } catch (error) {
      if (!(error instanceof ErrorReply) || !error.message.startsWith('NOSCRIPT'))
        throw this.#judged(key, error);
      return this.send(key, ['EVAL', source, '1', key, ...args]);
    }
  }

  async send(key: string, words: string[]): Promise<unknown> {
    if (this.#closed) throw new EngineUnavailable('closed');
    try {
      return await this.#link.send(key, words);
    } catch (error) {
      throw this.#judged(key, error);
    }
  }

  /** What a failure is to whoever called. */
  #judged(key: string, error: unknown): unknown {
    if (error instanceof ErrorReply && REFUSALS.test(error.message)) return error;
    if (!(error instanceof ErrorReply) || isOfTheServer(error)) this.#fail(key);
    else this.#sayRefused(error);
    return new EngineUnavailable('Redis does not answer', { cause: error });
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

  #fail(key: string): void {
    const tag = tagOf(key);
    this.#failures.set(tag, (this.#failures.get(tag) ?? 0) + 1);
    this.#turn(false);
  }

  #turn(up: boolean): void {
    if (this.#up === up || this.#closed) return;
    this.#up = up;
    this.#turns += 1;
    for (const listener of this.#listeners) listener(up);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#listeners.clear();
    await this.#link.close().catch(() => {});
  }
}

function tagOf(key: string): string {
  return key.slice(key.indexOf('{'), key.indexOf('}') + 1);
}
