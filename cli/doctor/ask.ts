export interface Answer {
  status: number;
  headers: Headers;
  /** What the JSON says, or the text. */
  body: unknown;
}

/** Null where nobody answers in five seconds. */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer | null> {
  try {
    const response = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(5_000) });
    const { status, headers } = response;
    const text = await response.text();
    const isJson = headers.get('content-type')?.includes('json') === true;
    return { status, headers, body: isJson ? JSON.parse(text) : text };
  } catch {
    return null;
  }
}
