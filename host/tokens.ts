import { createHash } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { checkId, checkKey, checkLogin, checkNumber, checkPermissions, checkSessionId } from './given.ts';

export type Permission = 'manage_security' | 'view_presence';

/** One login of an agent at the host. */
export interface AgentLogin {
  /** Agent id, as it is to stand in Vigil: 1–128 characters. A number is made one by `String(user.id)`. */
  agent: string;
  /** Account (tenant) id. */
  account: string;
  /** The host's own session id; Vigil only ever sees its hash. */
  sessionId: string;
  /** When the person logged in: a Date or epoch **milliseconds**. Kept while tokens are refreshed. */
  loginAt: Date | number;
  name?: string | null;
  permissions?: Permission[];
  /** Whether the agent takes part in auto-assignment. */
  autoAssign?: boolean;
}

export interface TokenOptions {
  /** HS256 secret of at least 32 bytes, or a private key in PEM (RS256, ES256). */
  key: string;
  /** Default: HS256. */
  algorithm?: 'HS256' | 'RS256' | 'ES256';
  issuer?: string;
  audience?: string;
  /** Named in the token's header, where Vigil holds several keys. */
  keyId?: string;
  /** How long tokens are good for; default 600. Pages fetch a fresh one in time. */
  lifetimeSeconds?: number;
  /** Epoch ms; default Date.now. */
  now?: () => number;
}

/** The `sid` of a login: a hash, so that nobody who sees it can use the host's session. Stable for a session id. */
export function sidOf(sessionId: string): string {
  checkSessionId('sidOf', 'sessionId', sessionId);
  return createHash('sha256').update('vigil sid ').update(sessionId).digest('base64url');
}

export interface TokenSigner {
  /** A token for one login, for the page or for asking Vigil in its name. */
  forAgent(login: AgentLogin): string;
  /** A token for the host's own calls in one account, with the permissions that the call needs. */
  forService(account: string, permissions: Permission[]): string;
}

/** `where`: whom a TypeError names. */
export function createTokenSigner(options: TokenOptions, where = 'createTokenSigner'): TokenSigner {
  const {
    key,
    algorithm = 'HS256',
    issuer,
    audience,
    keyId,
    lifetimeSeconds = 600,
    now = Date.now,
  } = options;
  checkKey(where, key, algorithm);
  checkNumber(where, 'lifetimeSeconds', lifetimeSeconds, 1);
  const sign = (claims: object): string => {
    const iat = Math.floor(now() / 1_000);
    return jwt.sign({ ...claims, iat, exp: iat + lifetimeSeconds }, key, {
      algorithm,
      ...(issuer === undefined ? {} : { issuer }),
      ...(audience === undefined ? {} : { audience }),
      ...(keyId === undefined ? {} : { keyid: keyId }),
    });
  };
  return {
    forAgent(login) {
      checkLogin('tokenFor', login);
      const { agent, account, sessionId, loginAt, name, permissions, autoAssign } = login;
      return sign({
        sub: agent,
        account,
        sid: sidOf(sessionId),
        auth_time: Math.floor(Number(loginAt) / 1_000),
        ...(name === undefined || name === null ? {} : { name }),
        ...(permissions === undefined ? {} : { permissions }),
        ...(autoAssign === undefined ? {} : { auto_assign: autoAssign }),
      });
    },
    forService(account, permissions) {
      checkId('serviceToken', 'account', account);
      checkPermissions('serviceToken', 'permissions', permissions);
      return sign({ sub: 'host', account, service: true, permissions });
    },
  };
}
