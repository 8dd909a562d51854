import type { EndReason } from '../../shared/events.ts';
import { addressGroup } from '../addresses.ts';
import { Attempts } from '../attempts.ts';
import type { Rate } from '../bucket.ts';
import type { OnDropped } from '../dropped.ts';
import type { LoginRef } from '../engine/engine.ts';

const MAX_LOGINS = 10_000;
/** How long an ended login is refused from memory; then the engine is asked again, and keeps its tombstone longer. */
const REMEMBER_MS = 60_000;

/**
 * What was refused lately. It costs attackers their speed and nobody else anything: an address is judged by its refused
 * attempts alone, and a login that has ended is refused from memory (it never lives again), not by asking the engine.
 */
export class Refusals {
  readonly #monotonic: () => number;
  readonly #onDropped: OnDropped;
  readonly #addresses: Attempts;
  readonly #ended = new Map<string, { reason: EndReason; until: number }>();

  constructor(monotonic: () => number, onDropped: OnDropped = () => {}) {
    this.#monotonic = monotonic;
    this.#onDropped = onDropped;
    this.#addresses = new Attempts(monotonic, () => onDropped('address'));
  }

  /** Counts a refused attempt of this address, of a kind that has this rate; false where it has had too many. */
  count(address: string, kind: string, rate: Rate): boolean {
    return this.#addresses.take(`${kind} ${addressGroup(address)}`, rate);
  }

  /** Why this login was refused a moment ago; undefined where that is not known. */
  endOf(login: LoginRef): EndReason | undefined {
    const key = loginKey(login);
    const known = this.#ended.get(key);
    if (known === undefined) return undefined;
    if (known.until > this.#monotonic()) return known.reason;
    this.#ended.delete(key);
    return undefined;
  }

  remember(login: LoginRef, reason: EndReason): void {
    const key = loginKey(login);
    if (this.#ended.size >= MAX_LOGINS && !this.#ended.has(key)) {
      this.#ended.delete(this.#ended.keys().next().value!);
      this.#onDropped('ended_login');
    }
    this.#ended.set(key, { reason, until: this.#monotonic() + REMEMBER_MS });
  }
}

/** Ids hold no control characters. */
function loginKey({ account, agent, sid }: LoginRef): string {
  return `${account}\n${agent}\n${sid}`;
}
