import type { TokenSource } from './token-source.ts';

/** An answer that is an error, or none: `offline`. Codes as in the contract. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, status: number) {
    super(code);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
  }
}

export interface Answer<T> {
  body: T;
  etag: string | null;
}

export interface CallOptions {
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Calls to Vigil with the token of whoever sits here. Rejects with an ApiError, or as its `signal` says. */
export interface Api {
  get<T>(path: string, options?: CallOptions): Promise<Answer<T>>;
  send<T>(method: 'PUT' | 'POST' | 'DELETE', path: string, options?: CallOptions): Promise<Answer<T>>;
  /** The body as it came, for a file. */
  text(path: string, accept: string): Promise<Answer<string>>;
}

export function createApi(base: URL, tokens: TokenSource, fetch: typeof globalThis.fetch): Api {
  async function request(method: string, path: string, options: CallOptions): Promise<Response> {
    const token = await tokens.get();
    let response = await attempt(method, path, options, token);
    if (response.status === 401 && (await codeOf(response.clone())) === 'token_expired') {
      response = await attempt(method, path, options, await tokens.renew(token));
    }
    if (!response.ok) throw new ApiError(await codeOf(response), response.status);
    return response;
  }

  async function attempt(
    method: string,
    path: string,
    options: CallOptions,
    token: string | null,
  ): Promise<Response> {
    if (token === null) throw new ApiError('session_ended', 401);
    const { body, headers, signal } = options;
    try {
      return await fetch(new URL(path, base), {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
        cache: 'no-store',
        credentials: 'omit',
        redirect: 'error',
      });
    } catch (cause) {
      if (signal?.aborted) throw cause;
      throw new ApiError('offline', 0);
    }
  }

  async function json<T>(response: Response): Promise<Answer<T>> {
    const text = await response.text();
    return { body: (text === '' ? null : JSON.parse(text)) as T, etag: response.headers.get('etag') };
  }

  return {
    get: async (path, options = {}) => json(await request('GET', path, options)),
    send: async (method, path, options = {}) => json(await request(method, path, options)),
    async text(path, accept) {
      const response = await request('GET', path, { headers: { accept } });
      return { body: await response.text(), etag: null };
    },
  };
}

async function codeOf(response: Response): Promise<string> {
  try {
    const problem: unknown = await response.json();
    const { code } = problem as { code?: unknown };
    return typeof code === 'string' ? code : `http_${response.status}`;
  } catch {
    return `http_${response.status}`;
  }
}
