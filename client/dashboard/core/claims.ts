/** What a token says of the person, unverified: it decides what is shown here, never what the server lets happen. */
export interface Claims {
  agent: string;
  account: string;
  /** Which login it is. */
  sid: string | null;
  name: string | null;
  expiresAt: number;
  /** May change the policy, sign agents out and read the audit log. */
  manages: boolean;
  /** May see live presence. */
  sees: boolean;
}

export function readClaims(token: string): Claims | null {
  const claims = decode(token);
  if (claims === null || typeof claims.sub !== 'string' || typeof claims.account !== 'string') return null;
  const permissions = Array.isArray(claims.permissions) ? claims.permissions : [];
  const manages = permissions.includes('manage_security');
  return {
    agent: claims.sub,
    account: claims.account,
    sid: typeof claims.sid === 'string' ? claims.sid : null,
    name: typeof claims.name === 'string' ? claims.name : null,
    expiresAt: typeof claims.exp === 'number' ? claims.exp * 1000 : 0,
    manages,
    sees: manages || permissions.includes('view_presence'),
  };
}

function decode(token: string): Record<string, unknown> | null {
  try {
    const payload = (token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/');
    const bytes = Uint8Array.from(atob(payload), (char) => char.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return claims !== null && typeof claims === 'object' ? (claims as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
