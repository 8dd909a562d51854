import { type ReadonlySignal, signal } from '@preact/signals';
import { type Claims, readClaims } from './claims.ts';
import type { Handover } from './handover.ts';

/** The token that the host handed over, shared by everything on this page. */
export interface TokenSource {
  readonly claims: ReadonlySignal<Claims | null>;
  /** One that is not known to be expired; null where the host says that nobody is signed in. */
  get(): Promise<string | null>;
  /** A new one: the server does not take `refused` any more. */
  renew(refused: string | null): Promise<string | null>;
  /** For the SDK, which keeps tokens itself and asks for another one only when it needs it. */
  next(): Promise<string | null>;
}

/** A token this close to its end may be refused by the time it arrives. */
const MARGIN_MS = 5_000;

export function createTokenSource(handover: Handover, now: () => number): TokenSource {
  const claims = signal<Claims | null>(null);
  let held: string | null = null;
  let first = true;
  let asking: Promise<string | null> | null = null;

  const ask = (): Promise<string | null> => {
    asking ??= handover.ask().then((token) => {
      asking = null;
      const next = token === null ? null : readClaims(token);
      // Another login, maybe another person's: this page must not be carried over into it.
      const isOther = claims.value !== null && next?.sid !== claims.value.sid;
      held = isOther ? null : token;
      if (!isOther && next !== null) claims.value = next;
      return held;
    });
    return asking;
  };
  const isFresh = () => held !== null && claims.value !== null && claims.value.expiresAt - MARGIN_MS > now();

  return {
    claims,
    get: () => (isFresh() ? Promise.resolve(held) : ask()),
    // Somebody else may have had it renewed meanwhile.
    renew: (refused) => (held !== refused && isFresh() ? Promise.resolve(held) : ask()),
    next() {
      if (!first || !isFresh()) return ask();
      first = false;
      return Promise.resolve(held);
    },
  };
}
