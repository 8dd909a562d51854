import type { PageClock } from '../clock.ts';
import { VigilError } from '../errors.ts';
import { bounded } from './bounded.ts';

export type GetToken = () => string | null | Promise<string | null>;

export interface Tokens {
  /** A token that is not known to be expired, or null where the host says that nobody is signed in. Rejects with a VigilError. */
  get(): Promise<string | null>;
  /** A fresh one from the host, whatever is left of the present one. Otherwise as `get`. */
  renew(): Promise<string | null>;
  /** When the present one expires, in epoch ms; NaN where that is not known. */
  expiresAt(): number;
  /** The server does not take the present one any more. */
  drop(): void;
}

/** Code of a token that belongs to another login than this page. */
export const LOGIN_CHANGED = 'login_changed';
/** How long the host may take. */
const PATIENCE_MS = 15_000;
/** A token this close to its end may be refused by the time it arrives. */
const MARGIN_MS = 5_000;

/** Asks the host for tokens, keeps the present one, and holds this page to the login that it began with. */
export function createTokens(getToken: GetToken, clock: PageClock, serverNow: () => number): Tokens {
  let sid: unknown;
  let held: { token: string; expiresAt: number } | null = null;

  const ask = async (): Promise<string | null> => {
    const token = await bounded(clock, Promise.resolve().then(getToken), PATIENCE_MS, undefined).catch(
      (cause) => {
        throw new VigilError('token_unavailable', `getToken failed: ${cause?.message ?? cause}`, { cause });
      },
    );
    if (token === null) return null;
    if (typeof token !== 'string' || token === '') {
      throw new VigilError(
        'token_unavailable',
        token === undefined ? 'getToken took too long' : 'getToken gave no token',
      );
    }
    const claims = claimsOf(token);
    // Another sid is another login, maybe another person's: this page must not be carried over into it.
    if (sid !== undefined && claims.sid !== sid)
      throw new VigilError(LOGIN_CHANGED, 'this token is of another login');
    sid = claims.sid;
    held = { token, expiresAt: Number(claims.exp) * 1000 };
    return token;
  };

  return {
    async get() {
      if (held !== null && !(held.expiresAt - MARGIN_MS <= serverNow())) return held.token;
      return ask();
    },
    renew: ask,
    expiresAt: () => held?.expiresAt ?? Number.NaN,
    drop() {
      held = null;
    },
  };
}

/** What a token claims, unverified; nothing where it cannot be read: the server will say what is wrong with it. */
function claimsOf(token: string): { sid?: unknown; exp?: unknown } {
  try {
    const binary = atob((token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/'));
    const claims: unknown = JSON.parse(
      new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0))),
    );
    return claims !== null && typeof claims === 'object' ? claims : {};
  } catch {
    return {};
  }
}
