import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';

/** A key that tokens may be signed with. The algorithm follows from the key, never from the token. */
export interface TokenKey {
  algorithm: 'HS256' | 'RS256' | 'ES256';
  /** Made once: verifying with a KeyObject is 40 times cheaper than with the text of a secret. */
  key: KeyObject;
  /** Its name, where it has one: a token that names another is not verified with it. */
  kid?: string | undefined;
}

/** The keys that tokens may be signed with. */
export interface KeyRing {
  /** Those for a token with this `kid`; may look for new ones first. Rejects with KeysUnavailable. */
  keysFor(kid: string | undefined): Promise<readonly TokenKey[]>;
}

/** No key has been had from where they come from, so nothing can be said of a token. */
export class KeysUnavailable extends Error {
  readonly code = 'unavailable';
  constructor() {
    super('the keys that tokens are verified with cannot be had');
    this.name = 'KeysUnavailable';
  }
}

/** Keys that stay as they are. */
export function fixedKeys(keys: readonly TokenKey[]): KeyRing {
  return { keysFor: async (kid) => keysNamed(keys, kid) };
}

/** A key without a name may be any; a token without one may be signed with any. */
export function keysNamed(keys: readonly TokenKey[], kid: string | undefined): readonly TokenKey[] {
  return kid === undefined ? keys : keys.filter((key) => key.kid === undefined || key.kid === kid);
}

export const MIN_SECRET_BYTES = 32;
const MIN_RSA_BITS = 2048;

/** Thrown with a message that says what is wrong with a key, fit for whoever configured it. Never holds the key. */
export class KeyRefused extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KeyRefused';
  }
}

/** HS256 key of a shared secret. */
export function secretKey(secret: string): TokenKey {
  const bytes = Buffer.from(secret, 'utf8');
  if (bytes.length < MIN_SECRET_BYTES) {
    throw new KeyRefused(
      `a secret of at least ${MIN_SECRET_BYTES} bytes is needed, this one has ${bytes.length}`,
    );
  }
  return { algorithm: 'HS256', key: createSecretKey(bytes) };
}

/** Each one costs every token that is signed with none of them. */
export const MAX_KEYS = 16;
const PEM_BLOCK = /-----BEGIN [^-]+-----[^-]*-----END [^-]+-----/g;

/** The keys of a PEM text with a block for each. */
export function publicKeys(pem: string): TokenKey[] {
  if (/PRIVATE KEY/.test(pem)) throw privateKeyRefused();
  const blocks = pem.match(PEM_BLOCK) ?? [pem];
  if (blocks.length > MAX_KEYS) throw new KeyRefused(`holds more than ${MAX_KEYS} keys`);
  return blocks.map(publicKey);
}

/** RS256 or ES256 key of a PEM text. */
export function publicKey(pem: string): TokenKey {
  return tokenKeyOf(parsePem(pem));
}

/** What a public key may verify. */
export function tokenKeyOf(key: KeyObject): TokenKey {
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType === 'rsa') {
    const bits = details?.modulusLength ?? 0;
    if (bits < MIN_RSA_BITS)
      throw new KeyRefused(`an RSA key of at least ${MIN_RSA_BITS} bits is needed, this one has ${bits}`);
    return { algorithm: 'RS256', key };
  }
  if (key.asymmetricKeyType === 'ec' && details?.namedCurve === 'prime256v1')
    return { algorithm: 'ES256', key };
  const kind = [key.asymmetricKeyType, details?.namedCurve].filter(Boolean).join(' ');
  throw new KeyRefused(`an RSA key (RS256) or an EC key on P-256 (ES256) is needed, this one is ${kind}`);
}

function parsePem(pem: string): KeyObject {
  if (/PRIVATE KEY/.test(pem)) throw privateKeyRefused();
  try {
    return createPublicKey(pem);
  } catch (cause) {
    throw new KeyRefused('no public key in PEM form', { cause });
  }
}

export function privateKeyRefused(): KeyRefused {
  return new KeyRefused('this is a private key: Vigil needs the public one alone');
}
