import jwt from 'jsonwebtoken';
import { isId } from '../shared/ids.ts';
import { type Login, PERMISSIONS, type Permission } from './engine/engine.ts';
import { fixedKeys, type KeyRing, type TokenKey } from './keys.ts';

/** What a token says, once its signature, its times and its claims have been checked. Times in epoch ms. */
export type VerifiedToken = AgentToken | ServiceToken;

/** Speaks for one login of an agent. */
export interface AgentToken {
  kind: 'agent';
  login: Login;
  expiresAt: number;
}

/** Speaks for the host's own backend: no agent, no session. */
export interface ServiceToken {
  kind: 'service';
  account: string;
  subject: string;
  permissions: Permission[];
  expiresAt: number;
}

export interface TokenVerifier {
  /** Rejects with TokenRefused or KeysUnavailable, nothing else. `now` tells engine time. */
  verify(token: unknown, now: () => number): Promise<VerifiedToken>;
}

export interface TokenVerifierOptions {
  /** Those that a token may be signed with are tried in order: the new one first while rotating. */
  keys: readonly TokenKey[] | KeyRing;
  /** Checked where set. */
  issuer?: string | undefined;
  audience?: string | undefined;
}

export type TokenRefusalCode = 'token_missing' | 'token_invalid' | 'token_expired';

/** Why a token was refused. The message helps a host's developer; it never holds anything of the token. */
export class TokenRefused extends Error {
  readonly code: TokenRefusalCode;
  constructor(code: TokenRefusalCode, message: string) {
    super(message);
    this.name = 'TokenRefused';
    this.code = code;
  }
}

export const MAX_TOKEN_BYTES = 8_192;
/** Tolerated for clocks of the host that run ahead of ours; not for `exp`. */
const SKEW_MS = 60_000;
const MAX_NAME_LENGTH = 200;
const CONTROL = /\p{Cc}+/gu;

type Claims = Record<string, unknown>;

export function createTokenVerifier({ keys, ...claimed }: TokenVerifierOptions): TokenVerifier {
  const ring = 'keysFor' in keys ? keys : fixedKeys(keys);
  return {
    async verify(token, now) {
      const text = textOf(token);
      const candidates = await ring.keysFor(kidOf(text));
      return judge(verifySignature(text, candidates, claimed), now());
    },
  };
}

function textOf(token: unknown): string {
  if (token === undefined || token === null || token === '')
    throw new TokenRefused('token_missing', 'No token was given.');
  if (typeof token !== 'string') throw invalid('The token is not a string.');
  if (Buffer.byteLength(token) > MAX_TOKEN_BYTES) throw invalid('The token is too large.');
  return token;
}

/** Which key the token says it is signed with, unverified: it chooses among the keys that are known, and nothing else. */
function kidOf(token: string): string | undefined {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.split('.', 1)[0]!, 'base64url').toString());
    const kid = (header as { kid?: unknown } | null)?.kid;
    return typeof kid === 'string' ? kid : undefined;
  } catch {
    return undefined;
  }
}

function judge(claims: Claims, nowMs: number): VerifiedToken {
  const times = readTimes(claims, nowMs);
  return claims.service === true ? serviceToken(claims, times) : agentToken(claims, times);
}

function invalid(message: string): TokenRefused {
  return new TokenRefused('token_invalid', message);
}

function verifySignature(
  token: string,
  keys: readonly TokenKey[],
  { issuer, audience }: Omit<TokenVerifierOptions, 'keys'>,
): Claims {
  let refusal: TokenRefused | undefined;
  for (const { key, algorithm } of keys) {
    try {
      const { header, payload } = jwt.verify(token, key, {
        algorithms: [algorithm],
        complete: true,
        // The library judges times by whole seconds and one tolerance for all: readTimes does it exactly.
        ignoreExpiration: true,
        ignoreNotBefore: true,
        ...(issuer === undefined ? {} : { issuer }),
        ...(audience === undefined ? {} : { audience }),
      });
      // RFC 7515 4.1.11: extensions that we don't know must not be passed over.
      if ('crit' in header) throw invalid('The token requires extensions that are not known here.');
      if (typeof payload === 'string') throw invalid('The token holds no claims.');
      return payload;
    } catch (error) {
      if (error instanceof TokenRefused) throw error;
      refusal = invalid(
        `The token was refused: ${error instanceof jwt.JsonWebTokenError ? error.message : 'malformed'}.`,
      );
    }
  }
  throw refusal ?? invalid('The token is signed with no key that is known here.');
}

interface TokenTimes {
  issuedAt: number;
  loginAt: number;
  expiresAt: number;
}

function readTimes(claims: Claims, nowMs: number): TokenTimes {
  const issuedAt = readTime(claims, 'iat');
  const expiresAt = readTime(claims, 'exp');
  const loginAt = claims.auth_time === undefined ? issuedAt : readTime(claims, 'auth_time');
  const notBefore = claims.nbf === undefined ? issuedAt : readTime(claims, 'nbf');
  const ahead = nowMs + SKEW_MS;
  if (issuedAt > ahead) throw invalid('The token was issued in the future (iat).');
  if (notBefore > ahead) throw invalid('The token is not valid yet (nbf).');
  if (loginAt > ahead) throw invalid('The login lies in the future (auth_time).');
  if (expiresAt <= nowMs) throw new TokenRefused('token_expired', 'The token has expired.');
  return { issuedAt, loginAt, expiresAt };
}

/** A time claim (seconds, perhaps with a fraction) in ms. */
function readTime(claims: Claims, name: string): number {
  const value = claims[name];
  if (value === undefined) throw invalid(`The token has no ${name}.`);
  const ms = typeof value === 'number' ? Math.floor(value * 1000) : Number.NaN;
  if (!Number.isSafeInteger(ms) || ms < 0) throw invalid(`The token's ${name} is no time in seconds.`);
  return ms;
}

function agentToken(claims: Claims, { issuedAt, loginAt, expiresAt }: TokenTimes): AgentToken {
  if (readFlag(claims, 'service')) throw invalid('The token is a service token.');
  const login: Login = {
    account: readId(claims, 'account'),
    agent: readId(claims, 'sub'),
    sid: readId(claims, 'sid'),
    loginAt,
    issuedAt,
    name: readName(claims),
    permissions: readPermissions(claims),
    autoAssign: readFlag(claims, 'auto_assign'),
  };
  return { kind: 'agent', login, expiresAt };
}

function serviceToken(claims: Claims, { expiresAt }: TokenTimes): ServiceToken {
  return {
    kind: 'service',
    account: readId(claims, 'account'),
    subject: readId(claims, 'sub'),
    permissions: readPermissions(claims),
    expiresAt,
  };
}

function readId(claims: Claims, name: string): string {
  const value = claims[name];
  if (value === undefined) throw invalid(`The token has no ${name}.`);
  if (!isId(value))
    throw invalid(`The token's ${name} is no id: 1–128 characters, none of them a control character.`);
  return value;
}

function readFlag(claims: Claims, name: string): boolean {
  const value = claims[name];
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') throw invalid(`The token's ${name} is neither true nor false.`);
  return value;
}

/** A name is only shown: an odd one is made presentable, it locks nobody out. */
function readName({ name }: Claims): string | null {
  if (name === undefined || name === null) return null;
  if (typeof name !== 'string') throw invalid("The token's name is no text.");
  const shown = [...name.toWellFormed().replace(CONTROL, ' ').trim()].slice(0, MAX_NAME_LENGTH).join('');
  return shown === '' ? null : shown;
}

/** The permissions that are known; others are the host's own affair. */
function readPermissions({ permissions }: Claims): Permission[] {
  if (permissions === undefined || permissions === null) return [];
  if (!Array.isArray(permissions) || !permissions.every((entry) => typeof entry === 'string')) {
    throw invalid("The token's permissions are no list of texts.");
  }
  return PERMISSIONS.filter((known) => permissions.includes(known));
}
