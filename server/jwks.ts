import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { z } from 'zod';
import { KeyRefused, MAX_KEYS, privateKeyRefused, type TokenKey, tokenKeyOf } from './keys.ts';

/** Where a set of keys (RFC 7517) comes from. */
export type JwksSource = { kind: 'file'; path: string } | { kind: 'url'; url: string };

export const MAX_JWKS_BYTES = 65_536;
const MAX_KID_LENGTH = 256;

const jwks = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });
const naming = z.object({
  kid: z.string().max(MAX_KID_LENGTH).optional(),
  use: z.string().optional(),
  alg: z.string().optional(),
  key_ops: z.array(z.string()).optional(),
});

/**
 * The keys of a set that tokens may be verified with: RS256 or ES256, as it follows from the key. Keys of other kinds and
 * for other uses are passed over; a set that has none of ours, or holds a private key, is refused.
 */
export function parseJwks(text: string): TokenKey[] {
  const entries = jwks.safeParse(parseJson(text)).data?.keys;
  if (entries === undefined) throw new KeyRefused('no JWKS: { "keys": [ … ] } is needed');
  if (entries.some((entry) => 'd' in entry)) throw privateKeyRefused();
  const keys = entries.flatMap((entry) => keyOf(entry) ?? []);
  if (keys.length === 0)
    throw new KeyRefused('the JWKS holds no RSA key and no EC key on P-256 for signatures');
  if (keys.length > MAX_KEYS) throw new KeyRefused(`the JWKS holds more than ${MAX_KEYS} keys`);
  return keys;
}

function keyOf(entry: { kty: string }): TokenKey | undefined {
  const named = naming.safeParse(entry).data;
  if (named === undefined || (named.use ?? 'sig') !== 'sig') return undefined;
  if (!(named.key_ops ?? ['verify']).includes('verify')) return undefined;
  try {
    const key = tokenKeyOf(createPublicKey({ key: entry as JsonWebKey, format: 'jwk' }));
    return named.alg === undefined || named.alg === key.algorithm ? { ...key, kid: named.kid } : undefined;
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
