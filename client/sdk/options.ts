import type { ConnectOptions } from './api.ts';
import { type Texts, textsFor } from './panel/texts.ts';

/** Options as the SDK works with them: checked, and with their defaults. */
export interface Settings extends ConnectOptions {
  /** Where Vigil is, and the path before its own, without a slash at its end. */
  origin: string;
  prefix: string;
  framesFrom: string[];
  login: string | null;
  words: Texts;
}

/** Throws a TypeError that names the faulty option: a mistake of whoever writes the page. */
export function settle(options: ConnectOptions): Settings {
  if (typeof options?.getToken !== 'function') throw new TypeError('Vigil: getToken must be a function');
  const { origin, pathname } = parse('url', options.url ?? '/');
  return {
    ...options,
    origin,
    prefix: pathname.replace(/\/+$/, ''),
    framesFrom: (options.frameOrigins ?? []).map((frame) => parse('frameOrigins', frame).origin),
    login: options.loginUrl === undefined ? null : parse('loginUrl', options.loginUrl).href,
    words: textsFor(options.locale ?? document.documentElement.lang, options.texts),
  };
}

function parse(option: string, value: string): URL {
  try {
    const url = new URL(value, location.href);
    if (/^https?:$/.test(url.protocol)) return url;
  } catch {
    // Said below.
  }
  throw new TypeError(`Vigil: ${option} must be an http(s) address, not ${value}`);
}
