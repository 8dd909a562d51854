import { createTokenSigner, type TokenSigner } from '../host/tokens.ts';
import { CommandFailed, EXIT } from './exit.ts';

/** Signs as the host does: with the first of VIGIL_JWT_SECRET, and the issuer and audience that the server expects. */
export function signerFrom(env: NodeJS.ProcessEnv, lifetimeSeconds: number): TokenSigner {
  const key = (env.VIGIL_JWT_SECRET ?? '').split(',')[0]!.trim();
  if (key === '') {
    const demo = 'The demo desk keeps one of its own: start it with VIGIL_DEMO=1 and a VIGIL_JWT_SECRET.';
    throw new CommandFailed(
      `Set VIGIL_JWT_SECRET (as the server has it), or VIGIL_TOKEN. ${demo}`,
      EXIT.config,
    );
  }
  if (Buffer.byteLength(key) < 32)
    throw new CommandFailed('VIGIL_JWT_SECRET is shorter than 32 bytes.', EXIT.config);
  const { VIGIL_JWT_ISSUER: issuer, VIGIL_JWT_AUDIENCE: audience } = env;
  return createTokenSigner({
    key,
    lifetimeSeconds,
    ...(issuer ? { issuer } : {}),
    ...(audience ? { audience } : {}),
  });
}
