import jwt from 'jsonwebtoken';

export const SECRET = 'a secret of the tests, of thirty-two bytes and more';

/** Claims of an agent's token, as a host would write them, at a moment in epoch ms. */
export function agentClaims(now: number, claims: Record<string, unknown> = {}): Record<string, unknown> {
  const iat = Math.floor(now / 1000);
  return { sub: 'ann', account: 'acme', sid: 'login-1', iat, exp: iat + 3_600, ...claims };
}

/** Claims of a token that speaks for the host's own backend. */
export function serviceClaims(now: number, claims: Record<string, unknown> = {}): Record<string, unknown> {
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

export function sign(claims: Record<string, unknown>, secret: string = SECRET): string {
  return jwt.sign(claims, secret, { algorithm: 'HS256' });
}
