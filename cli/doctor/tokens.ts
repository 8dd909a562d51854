import { CommandFailed } from '../exit.ts';
import { signerFrom } from '../signer.ts';
import { ask } from './ask.ts';
import type { Finding } from './finding.ts';

/** Whose policy is read where no account is named: the answer does not matter, only that there is one. */
const SOME_ACCOUNT = 'doctor';

/** Whether a running server takes what the host signs: one call that reads. */
export async function checkTokens(url: string, env: NodeJS.ProcessEnv, account?: string): Promise<Finding[]> {
  const signed = serviceToken(env, account ?? SOME_ACCOUNT);
  if (signed === null) return [];
  if ('level' in signed) return [signed];
  const { token, name } = signed;
  const answer = await ask(`${url}/v1/policy`, { headers: { authorization: `Bearer ${token}` } });
  if (answer?.status === 200) return [{ level: 'good', what: `it takes ${name}` }];
  if (answer?.status !== 401 && answer?.status !== 403)
    return [{ level: 'bad', what: `/v1/policy says ${answer?.status ?? 'nothing'}`, advice: 'See its log.' }];
  const { detail = '' } = answer.body as { detail?: string };
  return [{ level: 'bad', what: `the server refuses ${name}: ${detail}`, advice: adviceOn(detail) }];
}

function serviceToken(
  env: NodeJS.ProcessEnv,
  account: string,
): { token: string; name: string } | Finding | null {
  if (env.VIGIL_JWT_SECRET) {
    try {
      const token = signerFrom(env, 60).forService(account, ['manage_security']);
      return { token, name: 'tokens signed with this VIGIL_JWT_SECRET' };
    } catch (error) {
      // The settings have said so.
      if (error instanceof CommandFailed) return null;
      throw error;
    }
  }
  if (env.VIGIL_TOKEN) return { token: env.VIGIL_TOKEN, name: 'this VIGIL_TOKEN' };
  const advice = 'Set VIGIL_JWT_SECRET, or a token that your host signed as VIGIL_TOKEN.';
  return {
    level: 'odd',
    what: 'tokens are not checked: there is none, and nothing to sign one with',
    advice,
  };
}

function adviceOn(detail: string): string {
  if (/issuer|audience/.test(detail))
    return 'VIGIL_JWT_ISSUER and VIGIL_JWT_AUDIENCE must be those that the host signs with.';
  if (/\((iat|nbf|auth_time)\)|expired/.test(detail)) return 'Clocks differ: run NTP on both.';
  if (/signature|algorithm/.test(detail))
    return 'Server and host need the same secret; while it is rotated the server has both: new,previous.';
  return 'See "token_invalid" in docs/operating.md.';
}
