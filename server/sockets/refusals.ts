import { isIPv6 } from 'node:net';
import type { EndReason } from '../../shared/events.ts';
import type { LoginRef } from '../engine/engine.ts';
import { Bucket, type Rate } from './bucket.ts';

const MAX_ADDRESSES = 50_000;
const MAX_LOGINS = 10_000;
/** How long an ended login is refused from memory; then the engine is asked again, and keeps its tombstone longer. */
const REMEMBER_MS = 60_000;

/**
 * What was refused lately. It costs attackers their speed and nobody else anything: an address is judged by its refused
 * attempts alone, and a login that has ended is refused from memory (it never lives again), not by asking the engine.
 */
export class Refusals {
  readonly #monotonic: () => number;
  readonly #addresses = new Map<string, Bucket>();
  readonly #ended = new Map<string, { reason: EndReason; until: number }>();

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** Counts a refused attempt of this address, of a kind that has this rate; false where it has had too many. */
  count(address: string, kind: string, rate: Rate): boolean {
    const now = this.#monotonic();
    const key = `${kind} ${networkOf(address)}`;
    const bucket = this.#addresses.get(key) ?? new Bucket(rate, now);
    // Put back at the end: where room is needed, whoever has been quiet longest is forgotten.
    this.#addresses.delete(key);
    if (this.#addresses.size >= MAX_ADDRESSES) this.#addresses.delete(this.#addresses.keys().next().value!);
    this.#addresses.set(key, bucket);
    return bucket.take(rate, now);
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
    if (this.#ended.size >= MAX_LOGINS) this.#ended.delete(this.#ended.keys().next().value!);
    this.#ended.set(loginKey(login), { reason, until: this.#monotonic() + REMEMBER_MS });
  }
}

/** Ids hold no control characters. */
function loginKey({ account, agent, sid }: LoginRef): string {
  return `${account}\n${agent}\n${sid}`;
}

/** The address, or for IPv6 its /64: whoever has one address there has all of them. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped !== null) return mapped[1]!;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.toLowerCase().split('%')[0]!.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array(Math.max(0, 8 - front.length - back.length)).fill('0');
  return `${[...front, ...zeros, ...back]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
