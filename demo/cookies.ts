import type { Request, Response } from 'express';
import type { Role } from './people.ts';

/** The desk's session cookies. An agent and a requester may be signed in side by side in one browser. */
export interface Cookies {
  read(req: Request, role: Role): string | undefined;
  /** `remembered`: it outlives the browser; else it ends with it. What ends the session is never the cookie alone. */
  write(res: Response, role: Role, id: string, remembered: boolean): void;
  clear(res: Response, role: Role): void;
}

export const REMEMBER_MS = 30 * 86_400_000;

/** `secure`: behind TLS. Then the name's prefix makes browsers refuse a cookie that another host or plain HTTP has set. */
export function createCookies(secure: boolean): Cookies {
  const nameOf = (role: Role) => `${secure ? '__Host-' : ''}desk_${role}`;
  const attributes = { httpOnly: true, sameSite: 'lax', secure, path: '/' } as const;
  return {
    read: (req, role) => readCookie(req.headers.cookie, nameOf(role)),
    write(res, role, id, remembered) {
      res.cookie(nameOf(role), id, remembered ? { ...attributes, maxAge: REMEMBER_MS } : attributes);
    },
    clear(res, role) {
      res.clearCookie(nameOf(role), attributes);
    },
  };
}

const SESSION_ID = /^[\w-]{43}$/;

function readCookie(header: string | undefined, name: string): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const split = pair.indexOf('=');
    if (split < 0 || pair.slice(0, split).trim() !== name) continue;
    const value = pair.slice(split + 1).trim();
    if (SESSION_ID.test(value)) return value;
  }
  return undefined;
}
