import jwt from 'jsonwebtoken';
import { ACCOUNT, type Person } from './people.ts';
import type { DeskSession } from './sessions.ts';

/** Short, so that what a token says is soon out of date where it changes; pages fetch a fresh one in time. */
export const TOKEN_SECONDS = 600;
const SERVICE_SECONDS = 60;

export type ServicePermission = 'manage_security' | 'view_presence';

export interface TokenMint {
  /** For one login of an agent: what the desk hands to its pages. */
  forSession(session: DeskSession, person: Person): { token: string; expiresAt: number };
  /** For the desk's own calls, with no more permissions than the call needs. */
  forService(permission: ServicePermission): string;
}

export function createTokenMint(secret: string, clock: { now(): number }): TokenMint {
  const sign = (claims: object) => jwt.sign(claims, secret, { algorithm: 'HS256' });
  const seconds = (ms: number) => Math.floor(ms / 1_000);
  return {
    forSession(session, person) {
      const iat = seconds(clock.now());
      const exp = iat + TOKEN_SECONDS;
      const token = sign({
        sub: person.id,
        account: ACCOUNT,
        sid: session.sid,
        iat,
        exp,
        auth_time: seconds(session.loginAt),
        name: person.name,
        permissions: person.permissions,
        ...(person.autoAssign ? { auto_assign: true } : {}),
      });
      return { token, expiresAt: exp * 1_000 };
    },
    forService(permission) {
      const iat = seconds(clock.now());
      const exp = iat + SERVICE_SECONDS;
      return sign({
        sub: 'desk',
        account: ACCOUNT,
        service: true,
        iat,
        exp,
        permissions: [permission],
      });
    },
  };
}
