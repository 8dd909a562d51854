import { VigilError } from '../errors.ts';
import type { Link } from './link.ts';
import type { Tokens } from './tokens.ts';

/** Ends this login, by the socket or, where that is not there, by HTTP. Rejects with a VigilError if neither gets through. */
export async function signOut(link: Link, tokens: Tokens, address: string): Promise<void> {
  try {
    await link.request('logout', {});
  } catch (error) {
    const { code } = error as VigilError;
    if (code === 'session_ended') return;
    if (code !== 'offline' && code !== 'timeout') throw error;
    await signOutByHttp(tokens, address);
  }
}

async function signOutByHttp(tokens: Tokens, address: string): Promise<void> {
  const token = await tokens.get();
  if (token === null) return;
  const response = await fetch(`${address}/v1/session`, {
    method: 'DELETE',
    headers: { Authorization: `Bearer ${token}` },
    keepalive: true,
  }).catch((cause) => {
    throw new VigilError('offline', 'the server cannot be reached', { cause });
  });
  if (response.ok) return;
  const { code } = (await response.json().catch(() => ({}))) as { code?: string };
  if (code !== 'session_ended')
    throw new VigilError(code ?? 'unavailable', `signing out failed: ${response.status}`);
}
