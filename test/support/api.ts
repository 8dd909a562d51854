import { expectDocumentedAnswer } from './api-shapes.ts';

/** What an HTTP call answered. `body` is the parsed JSON, or the text where it is none. */
export interface Answer {
  status: number;
  headers: Headers;
  // Tests look into answers of every shape; what is there is asserted by them.
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests are about
  body: any;
}

export interface Api {
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  put(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  delete(path: string, headers?: Record<string, string>): Promise<Answer>;
}

/** Calls a node's HTTP interface with a token, or without one. Every answer is held to what OpenAPI says of it. */
export function apiOf(url: string, token?: string): Api {
  const call = async (
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const response = await fetch(new URL(path, url), {
      method,
      redirect: 'manual',
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { status, headers: answered } = response;
    const parsed = parse(await response.text());
    expectDocumentedAnswer(method, path, {
      status,
      type: answered.get('content-type') ?? '',
      body: parsed,
    });
    return { status, headers: answered, body: parsed };
  };
  return {
    get: (path, headers) => call('GET', path, undefined, headers),
    put: (path, body, headers) => call('PUT', path, body, headers),
    post: (path, body, headers) => call('POST', path, body, headers),
    delete: (path, headers) => call('DELETE', path, undefined, headers),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
