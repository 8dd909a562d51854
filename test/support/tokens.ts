import { createHash, randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';

export const SECRET = 'a secret of the tests with thirty-two bytes and more';

export { SECRET as TEST_SECRET };

export type TestClaims = Record<string, unknown>;

/** Claims of an agent's token, as a host would write them, at a moment in epoch ms. */
export function agentClaims(now: number, claims: TestClaims = {}): TestClaims {
  const iat = Math.floor(now / 1000);
  return { sub: 'ann', account: 'acme', sid: 'login-1', iat, exp: iat + 3_600, ...claims };
}

/** Claims of a token that speaks for the host's own backend. */
export function serviceClaims(now: number, claims: TestClaims = {}): TestClaims {
  const iat = Math.floor(now / 1000);
  return {
    sub: 'backend',
    account: 'acme',
    service: true,
    permissions: ['manage_security'],
    iat,
    exp: iat + 3_600,
    ...claims,
  };
}

export function sign(claims: TestClaims, secret: string = SECRET): string {
  return jwt.sign(claims, secret, { algorithm: 'HS256' });
}

/** A token as a host signs it at a login of just now: agent `ada` of `acme` and a new `sid`, where nothing else is said. */
export function signToken(claims: TestClaims = {}, secret?: string): string {
  return sign(agentClaims(Date.now(), { sub: 'ada', sid: newSid(), ...claims }), secret);
}

/** A token of the host's own backend, issued just now. */
export function signServiceToken(claims: TestClaims = {}, secret?: string): string {
  return sign(serviceClaims(Date.now(), claims), secret);
}

export function newSid(): string {
  return createHash('sha256').update(randomUUID()).digest('hex').slice(0, 32);
}
