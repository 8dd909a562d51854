import type { TokenAck } from '../../shared/protocol.ts';
import { type Engine, EngineUnavailable } from '../engine/engine.ts';
import { KeysUnavailable } from '../keys.ts';
import { TokenRefused, type TokenVerifier } from '../tokens.ts';
import type { Tab } from './tab.ts';
import type { TokenExpiry } from './token-expiry.ts';

export interface TokenRenewalOptions {
  engine: Engine;
  tokens: TokenVerifier;
  expiry: TokenExpiry;
}

/**
 * A tab shows a fresh token, so that its socket need not be closed when the old one expires. It has to be of the same
 * login; what it says of permissions counts as of any newer token.
 */
export async function renewToken(
  { engine, tokens, expiry }: TokenRenewalOptions,
  tab: Tab,
  text: string,
): Promise<TokenAck> {
  try {
    const token = await tokens.verify(text, () => engine.now());
    if (token.kind !== 'agent' || !isOf(tab, token.login)) return refuse(tab);
    const admission = await engine.admit(token.login);
    if (!admission.ok) return { ok: false, code: admission.code };
    expiry.renew(tab, token.expiresAt);
    return { ok: true, expiresAt: token.expiresAt };
  } catch (error) {
    if (error instanceof TokenRefused)
      return error.code === 'token_expired' ? { ok: false, code: error.code } : refuse(tab);
    if (error instanceof KeysUnavailable || error instanceof EngineUnavailable)
      return { ok: false, code: 'unavailable' };
    throw error;
  }
}

function isOf(tab: Tab, login: { account: string; agent: string; sid: string }): boolean {
  return login.account === tab.account && login.agent === tab.agent && login.sid === tab.sid;
}

/** Whoever tries tokens out is treated as whoever sends nonsense. */
function refuse(tab: Tab): TokenAck {
  tab.connection.malformed();
  return { ok: false, code: 'token_invalid' };
}
