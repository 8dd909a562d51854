import { VigilUnavailable } from './errors.ts';

export interface CallOptions {
  /**
   * Where Vigil answers, maybe with a path prefix: `https://vigil.example`. A function is asked for each call, where the
   * address is known only later.
   */
  url: string | (() => string);
  /** Longest wait for an answer; default 3000. */
  timeoutMs?: number;
  fetch?: typeof fetch;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}

/** One HTTP call; VigilUnavailable where no answer comes, or a 5xx. */
export type Call = (method: string, path: string, token: string | null) => Promise<Answer>;

export function createCall({ url, timeoutMs = 3_000, fetch: ask = fetch }: CallOptions): Call {
  const base = () => (typeof url === 'string' ? url : url()).replace(/\/+$/, '');
  return async (method, path, token) => {
    let answer: Answer;
    try {
      const response = await ask(base() + path, {
        method,
        headers: {
          accept: 'application/json',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await response.text();
      answer = {
        status: response.status,
        headers: response.headers,
        body: text === '' ? null : JSON.parse(text),
      };
    } catch (cause) {
      throw new VigilUnavailable('Vigil does not answer', null, { cause });
    }
    if (answer.status >= 500) throw new VigilUnavailable(`Vigil answered ${answer.status}`, answer.status);
    return answer;
  };
}

/** A field of a problem+json body, where it is text. */
export function textOf(body: unknown, field: string): string | undefined {
  const value =
    typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[field] : undefined;
  return typeof value === 'string' ? value : undefined;
}
