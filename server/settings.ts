import { readFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { resolve } from 'node:path';
import { parseDuration } from '../shared/durations.ts';
import { type JwksSource, parseJwks } from './jwks.ts';
import { publicKeys, secretKey, type TokenKey } from './keys.ts';
import { parseOrigin } from './origins.ts';

/** How each kind of setting is read. Every reader throws an Error that says what is wrong, without the value of a secret. */

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new Error('must be a port, 0 to 65535');
  return port;
}

export function readHost(text: string): string {
  if (isIP(text) === 0 && !/^[a-z\d]([\w.-]*[a-z\d])?$/i.test(text))
    throw new Error('must be an address or a host name');
  return text;
}

export function readDuration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined)
    throw new Error(`must be a duration like 500ms, 60s, 15m, 24h or 30d, and not ${JSON.stringify(text)}`);
  return ms;
}

/** A whole number within bounds. */
export function readNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(number >= least && number <= most)) throw new Error(`must be a number, ${least} to ${most}`);
    return number;
  };
}

export function readSwitch(text: string): boolean {
  if (text !== '0' && text !== '1') throw new Error('must be 1 or 0');
  return text === '1';
}

export function readLogLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text);
  if (level === undefined) throw new Error(`must be one of ${LOG_LEVELS.join(', ')}`);
  return level;
}

/** One secret, or two while rotating: new, previous. */
export function readSecrets(text: string): { secret: string; keys: TokenKey[] } {
  const secrets = text.split(',').map((part) => part.trim());
  if (secrets.length > 2) throw new Error('holds more than two secrets (new, previous)');
  const [secret = ''] = secrets;
  return { secret, keys: secrets.map(secretKey) };
}

/** PEM text of one or more keys, also with `\\n` written out as environment files have it, or the path of a PEM file. */
export function readPublicKeys(text: string): TokenKey[] {
  if (text.includes('-----BEGIN')) return publicKeys(text.replaceAll('\\n', '\n'));
  return publicKeys(readKeyFile(text, 'a PEM text'));
}

/** The path of a JWKS file, which must be there and good, or an address, which is asked later. */
export function readJwksSource(text: string): JwksSource {
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(text)) {
    parseJwks(readKeyFile(text, 'an https URL'));
    return { kind: 'file', path: resolve(text) };
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const mayBePlain = url !== undefined && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url?.protocol !== 'https:' && !(url?.protocol === 'http:' && mayBePlain))
    throw new Error('must be an https URL (http for this machine only), or the path of a file');
  if (url.username !== '' || url.password !== '') throw new Error('must not hold a user or a password');
  return { kind: 'url', url: url.href };
}

function readKeyFile(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new Error(`is neither ${otherwise} nor a file that can be read (${reason})`, { cause });
  }
}

export function readText(text: string): string {
  if (/\p{Cc}/u.test(text)) throw new Error('must not hold control characters');
  return text;
}

export function readOrigins(text: string): string[] {
  return readList(text).map((entry) => {
    const origin = parseOrigin(entry);
    if (origin === undefined)
      throw new Error(`${JSON.stringify(entry)} is no origin like https://desk.example`);
    return origin;
  });
}

/** Addresses and subnets, each checked; kept as text for whoever builds a list of them. */
export function readSubnets(text: string): string[] {
  const subnets = readList(text);
  const list = new BlockList();
  for (const subnet of subnets) addSubnet(list, subnet);
  return subnets;
}

export function addSubnet(list: BlockList, subnet: string): void {
  const [address = '', bits, ...more] = subnet.split('/');
  const version = isIP(address);
  const longest = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? longest : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (version === 0 || more.length > 0 || !(prefix <= longest)) {
    throw new Error(`${JSON.stringify(subnet)} is neither an address nor a subnet like 10.0.0.0/8`);
  }
  list.addSubnet(address, prefix, version === 4 ? 'ipv4' : 'ipv6');
}

export function readCookieName(text: string): string {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(text)) throw new Error('must be the name of a cookie');
  return text;
}

/** What a client can send behind `Bearer`. */
export function readBearer(text: string): string {
  if (!/^[\x21-\x7e]+$/.test(text)) throw new Error('must be ASCII text without blanks');
  return text;
}

export function readWebhookUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    throw new Error('must be an http or https URL');
  if (url.username !== '' || url.password !== '') throw new Error('must not hold a user or a password');
  return url.href;
}

/** A Standard Webhooks secret: `whsec_` and base64 of 24 to 64 bytes. */
export function readWebhookSecret(text: string): string {
  const encoded = /^whsec_([A-Za-z\d+/]+={0,2})$/.exec(text)?.[1];
  const length = encoded === undefined ? 0 : Buffer.from(encoded, 'base64').length;
  if (length < 24 || length > 64) throw new Error('must be whsec_ followed by the base64 of 24 to 64 bytes');
  return text;
}

function readList(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
