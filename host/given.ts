import { createPrivateKey } from 'node:crypto';
import { isId } from '../shared/ids.ts';

/**
 * What a host gave, judged where it gave it: a TypeError that names the option and what to do, instead of a token that is
 * refused later.
 */
export function faulty(where: string, what: string): TypeError {
  return new TypeError(`${where}: ${what}`);
}

/** The options as an object in which nothing is misspelt. */
export function checkNames(where: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw faulty(where, 'options are missing');
  const stray = Object.keys(options).find((name) => !known.includes(name));
  if (stray !== undefined) throw faulty(where, `${stray} is no option; there are ${known.join(', ')}`);
}

export function checkFunctions(where: string, options: object, names: readonly string[]): void {
  for (const name of names) {
    const value = (options as Record<string, unknown>)[name];
    if (value !== undefined && typeof value !== 'function') throw faulty(where, `${name} must be a function`);
  }
}

export function checkNumber(where: string, name: string, value: number, least: number): void {
  if (!(Number.isFinite(value) && value >= least))
    throw faulty(where, `${name} must be a number of at least ${least}, not ${String(value)}`);
}

/** `name`: how the caller wrote it, `login.agent`. */
export function checkId(where: string, name: string, value: unknown): void {
  if (isId(value)) return;
  const remedy = typeof value === 'number' || typeof value === 'bigint' ? `: String(${value})` : '';
  throw faulty(where, `${name} must be a string of 1–128 characters${remedy || `, not ${shown(value)}`}`);
}

export function checkUrl(where: string, url: unknown): void {
  if (url === undefined || url === '') throw faulty(where, 'url is missing (is VIGIL_URL set?)');
  if (typeof url === 'function') return;
  const parsed = parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    throw faulty(where, `url must be an http(s) address as https://vigil.example, not ${shown(url)}`);
  if (parsed.username !== '' || parsed.password !== '' || parsed.search !== '' || parsed.hash !== '')
    throw faulty(where, 'url must be without a password, a query or a #');
}

function parse(url: unknown): URL | null {
  try {
    return typeof url === 'string' ? new URL(url) : null;
  } catch {
    return null;
  }
}

const KEY_TYPES: Record<string, string> = { RS256: 'rsa', ES256: 'ec' };

export function checkKey(where: string, key: unknown, algorithm: string): void {
  if (key === undefined || key === '') throw faulty(where, 'key is missing (is VIGIL_JWT_SECRET set?)');
  if (typeof key !== 'string') throw faulty(where, `key must be a string, not ${shown(key)}`);
  if (algorithm === 'HS256') {
    if (key.includes('-----BEGIN')) throw faulty(where, "key is a PEM: say algorithm: 'RS256' or 'ES256'");
    if (Buffer.byteLength(key) < 32) throw faulty(where, 'key: the secret must be at least 32 bytes long');
    return;
  }
  const type = KEY_TYPES[algorithm];
  if (type === undefined) throw faulty(where, `algorithm must be HS256, RS256 or ES256, not ${algorithm}`);
  if (typeOfKey(key) !== type)
    throw faulty(where, `key must be a private ${type.toUpperCase()} key in PEM for ${algorithm}`);
}

function typeOfKey(pem: string): string | undefined {
  try {
    return createPrivateKey(pem).asymmetricKeyType;
  } catch {
    return undefined;
  }
}

/** In 1973 and, for who takes milliseconds for seconds, in the year 5138. */
const SURELY_SECONDS = 1e11;

export function checkLogin(where: string, login: object): void {
  if (typeof login !== 'object' || login === null) throw faulty(where, 'the login is missing');
  const { agent, account, sessionId, loginAt, name, permissions, autoAssign } = login as Record<
    string,
    unknown
  >;
  checkId(where, 'login.agent', agent);
  checkId(where, 'login.account', account);
  checkSessionId(where, 'login.sessionId', sessionId);
  const at = loginAt instanceof Date || typeof loginAt === 'number' ? Number(loginAt) : Number.NaN;
  if (!Number.isFinite(at))
    throw faulty(where, `login.loginAt must be milliseconds (Date.now()) or a Date, not ${shown(loginAt)}`);
  if (at < SURELY_SECONDS)
    throw faulty(where, 'login.loginAt must be milliseconds (Date.now()); this looks like seconds');
  if (name !== undefined && name !== null && typeof name !== 'string')
    throw faulty(where, `login.name must be a string, not ${shown(name)}`);
  if (permissions !== undefined) checkPermissions(where, 'login.permissions', permissions);
  if (autoAssign !== undefined && typeof autoAssign !== 'boolean')
    throw faulty(where, `login.autoAssign must be true or false, not ${shown(autoAssign)}`);
}

export function checkSessionId(where: string, name: string, value: unknown): void {
  if (typeof value !== 'string' || value === '')
    throw faulty(where, `${name} must be the id of your session, a string, not ${shown(value)}`);
}

export function checkPermissions(where: string, name: string, value: unknown): void {
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string'))
    throw faulty(where, `${name} must be an array, as ['manage_security'], not ${shown(value)}`);
}

/** A login by its ids alone. */
export function checkRef(where: string, login: { account: string; sid?: string; sessionId?: string }): void {
  if (typeof login !== 'object' || login === null) throw faulty(where, 'the login is missing');
  checkId(where, 'account', login.account);
  if (login.sid === undefined) checkSessionId(where, 'sessionId', login.sessionId);
  else checkId(where, 'sid', login.sid);
}

/** As Vigil itself takes it. */
export function checkWebhookSecret(where: string, secret: unknown): void {
  if (secret === undefined || secret === '')
    throw faulty(where, 'secret is missing (is VIGIL_WEBHOOK_SECRET set?)');
  const encoded = /^whsec_([A-Za-z\d+/]+={0,2})$/.exec(String(secret))?.[1] ?? '';
  const { length } = Buffer.from(encoded, 'base64');
  if (length < 24 || length > 64)
    throw faulty(where, 'secret must be whsec_ and the base64 of 24 to 64 bytes, as VIGIL_WEBHOOK_SECRET is');
}

/** What was given, short; a text that may be a secret is not repeated at length. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value === '' ? 'an empty string' : `'${value.slice(0, 40)}'`;
  return value === null || typeof value !== 'object' ? String(value) : 'an object';
}
