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
export interface Call {
  (method: string, path: string, token: string | null, body?: object): Promise<Answer>;
  /** Where it goes at present. */
  base(): string;
}

export function createCall({ url, timeoutMs = 3_000, fetch: ask = fetch }: CallOptions): Call {
  const base = () => (typeof url === 'string' ? url : url()).replace(/\/+$/, '');

  async function call(method: string, path: string, token: string | null, body?: object): Promise<Answer> {
    const at = base();
    let response: Response;
    let text: string;
    try {
      response = await ask(at + path, {
        method,
        headers: {
          accept: 'application/json',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      text = await response.text();
    } catch (cause) {
      throw new VigilUnavailable(`Vigil does not answer at ${at} (${whyOf(cause)})`, null, { cause });
    }
    const { status, headers } = response;
    if (status >= 500) throw new VigilUnavailable(`Vigil at ${at} answered ${status}`, status);
    const answer = { status, headers, body: parse(text) };
    if (answer.body === undefined) throw refusal(at, answer);
    return answer;
  }

  return Object.assign(call, { base });
}

/** Undefined where it is no JSON: somebody else answers there. */
function parse(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `fetch failed` says nothing; what it failed at stands in the cause. */
function whyOf(error: unknown): string {
  const { cause, name, message } = error as Error & { cause?: { code?: string; message?: string } };
  if (name === 'TimeoutError') return 'timeout';
  return cause?.code ?? cause?.message ?? message;
}

/** A field of a problem+json body, where it is text. */
export function textOf(body: unknown, field: string): string | undefined {
  const value =
    typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[field] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** Vigil answered, but not what was asked for: a wrong key, a clock that is off, a wrong address. */
export function refusal(at: string, { status, body }: Answer): VigilUnavailable {
  const code = textOf(body, 'code');
  if (code === undefined)
    return new VigilUnavailable(`${at} answered ${status}, and not as Vigil does (is url right?)`, status);
  const detail = textOf(body, 'detail') ?? '';
  const hint = /signature|algorithm/.test(detail) ? ' (same VIGIL_JWT_SECRET on both sides?)' : '';
  return new VigilUnavailable(`refused by ${at}: ${status} ${code}: ${detail}${hint}`, status);
}
