import type { Permission } from '../host/tokens.ts';
import { CommandFailed, EXIT, usage } from './exit.ts';
import { signerFrom } from './signer.ts';

/** A running Vigil, as the command line talks to it: in the name of one account's back end. */
export interface Server {
  readonly url: string;
  readonly account: string;
  /** The body of a 2xx answer; CommandFailed with what the server said otherwise. `null` body for a 404 where `orNull`. */
  call(
    method: string,
    path: string,
    options?: { body?: object; headers?: Record<string, string> },
  ): Promise<Reply>;
}

export interface Reply {
  // biome-ignore lint/suspicious/noExplicitAny: JSON as the protocol describes it
  body: any;
  headers: Headers;
}

export interface ServerSettings {
  url?: string | undefined;
  account?: string | undefined;
}

const NEEDED: Permission[] = ['manage_security'];

/** Where: the option, then VIGIL_URL, then where a server is if nothing is set. */
export function serverUrl({ url }: ServerSettings, env: NodeJS.ProcessEnv): string {
  return (url ?? env.VIGIL_URL ?? 'http://127.0.0.1:3000').replace(/\/+$/, '');
}

/** Where and as whom: options first, then VIGIL_URL, VIGIL_ACCOUNT and VIGIL_TOKEN or VIGIL_JWT_SECRET. */
export function serverFrom(settings: ServerSettings, env: NodeJS.ProcessEnv): Server {
  const url = serverUrl(settings, env);
  const account = settings.account ?? env.VIGIL_ACCOUNT;
  if (account === undefined) throw usage('Which account? Name it with --account or VIGIL_ACCOUNT.');
  const token = env.VIGIL_TOKEN ?? signerFrom(env, 60).forService(account, NEEDED);

  return {
    url,
    account,
    async call(method, path, { body, headers = {} } = {}) {
      const response = await ask(url, `${url}${path}`, {
        method,
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const parsed =
        response.headers.get('content-type')?.includes('json') && text !== '' ? JSON.parse(text) : text;
      if (!response.ok) throw refusal(response.status, parsed);
      return { body: parsed, headers: response.headers };
    },
  };
}

async function ask(url: string, target: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(target, { ...init, signal: AbortSignal.timeout(10_000) });
  } catch (error) {
    const cause = (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).message;
    throw new CommandFailed(`No Vigil answers at ${url} (${cause}). Is VIGIL_URL right?`, EXIT.unavailable);
  }
}

function refusal(status: number, body: { code?: string; detail?: string; title?: string }): CommandFailed {
  const said = `${status} ${body?.code ?? ''}: ${body?.detail ?? body?.title ?? 'no reason given'}`;
  if (status === 503) return new CommandFailed(said, EXIT.unavailable);
  return new CommandFailed(said, status === 401 || status === 403 ? EXIT.noPermission : EXIT.failed);
}
