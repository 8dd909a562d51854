import type { Clock } from '../clock.ts';
import type { Message } from './message.ts';

export type PostResult =
  | { taken: true }
  | {
      taken: false;
      error: string;
      /** No answer, or one of something in front of the receiver: any other event would fare no better now. */
      unreachable: boolean;
      /** The receiver wants nothing any more. */
      gone: boolean;
    };

export type Post = (message: Message, signal: AbortSignal) => Promise<PostResult>;

export const POST_LIMIT_MS = 15_000;
/** Of an answer's body, so that the connection can be used again. */
const READ_BYTES = 4_096;
/** How receivers answer to a signature that is not right. */
const SECRET_ANSWERS = new Set([400, 401, 403]);
const SECRET_HINT = ' (does the receiver have the same VIGIL_WEBHOOK_SECRET?)';
const OF_THE_WAY = new Set([408, 425, 429, 502, 503, 504]);

/** Posts to one URL. Only 2xx is a yes; redirects are not followed. Never rejects. */
export function createPost({ url, clock }: { url: string; clock: Clock }): Post {
  return async ({ body, headers }, signal) => {
    const limit = new AbortController();
    const cancel = clock.after(POST_LIMIT_MS, () => limit.abort(new Error('no answer within 15 s')));
    const abort = () => limit.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      const answer = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        headers,
        body,
        signal: limit.signal,
      });
      await readLittle(answer);
      return judge(answer.status);
    } catch (error) {
      return { taken: false, error: reasonOf(error), unreachable: true, gone: false };
    } finally {
      cancel();
      signal.removeEventListener('abort', abort);
    }
  };
}

function judge(status: number): PostResult {
  if (status >= 200 && status < 300) return { taken: true };
  const error =
    status >= 300 && status < 400
      ? `${status}: redirects are not followed`
      : `answered ${status}${SECRET_ANSWERS.has(status) ? SECRET_HINT : ''}`;
  return { taken: false, error, unreachable: OF_THE_WAY.has(status), gone: status === 410 };
}

/** What the answer says beyond its status is of no interest. */
async function readLittle(answer: Response): Promise<void> {
  const reader = answer.body?.getReader();
  if (reader === undefined) return;
  try {
    for (let left = READ_BYTES; left > 0; ) {
      const { done, value } = await reader.read();
      if (done) return;
      left -= value.byteLength;
    }
    await reader.cancel();
  } catch {
    // The status has been said.
  }
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { code?: string; message?: string } };
  return String(cause?.code ?? cause?.message ?? message ?? error).slice(0, 200);
}
