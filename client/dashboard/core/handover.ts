import type { PageClock } from '../../sdk/clock.ts';

/**
 * How the page gets its token: it says `vigil:ready` to the page that opened or embeds it, which answers
 * `vigil:token`; when that one has expired it says `vigil:token-please`. Never by the address, and only from an origin
 * that the server names, or from its own.
 */
export interface Handover {
  /** Asks the host for a token of now; null: nobody is signed in there. Those who ask together get the same one. */
  ask(): Promise<string | null>;
}

export interface TokenAnswer {
  type: 'vigil:token';
  token: string | null;
  /** True where the page around this one runs the SDK and shows the warning itself. */
  hostWarns?: boolean;
}

export interface HandoverOptions {
  window: Window;
  clock: PageClock;
  origins: readonly string[];
  onAnswer(answer: TokenAnswer): void;
}

const ASK_AGAIN_MS = 1_000;

/** Null where nobody opened or embeds this page: then there is nobody to ask. */
export function createHandover({ window, clock, origins, onAnswer }: HandoverOptions): Handover | null {
  const host = window.parent === window ? (window.opener as Window | null) : window.parent;
  if (host === null) return null;
  /** The origin that answered; until then all that may. */
  let known: string | null = null;
  let waiting: ((token: string | null) => void)[] = [];
  let cancel = () => {};

  const post = (type: string): void => {
    for (const origin of known === null ? candidates(window, origins) : [known])
      host.postMessage({ type }, origin);
  };
  const keepAsking = (): void => {
    cancel();
    if (waiting.length === 0) return;
    // The host's own script may come later than this page.
    post(known === null ? 'vigil:ready' : 'vigil:token-please');
    cancel = clock.after(ASK_AGAIN_MS, keepAsking);
  };

  window.addEventListener('message', (event) => {
    if (event.source !== host || !origins.includes(event.origin) || !isAnswer(event.data)) return;
    known = event.origin;
    cancel();
    onAnswer(event.data);
    const settled = waiting;
    waiting = [];
    for (const settle of settled) settle(event.data.token);
  });

  return {
    ask() {
      return new Promise((resolve) => {
        waiting.push(resolve);
        if (waiting.length === 1) keepAsking();
      });
    },
  };
}

/** Browsers that say who embeds the page spare the others a message that is not for them. */
function candidates(window: Window, origins: readonly string[]): readonly string[] {
  const around = window.location.ancestorOrigins?.[0];
  return around === undefined ? origins : origins.filter((origin) => origin === around);
}

function isAnswer(data: unknown): data is TokenAnswer {
  if (data === null || typeof data !== 'object' || (data as TokenAnswer).type !== 'vigil:token') return false;
  const { token } = data as TokenAnswer;
  return token === null || (typeof token === 'string' && token !== '');
}

/** This origin, and those that the server has written into the page. */
export function allowedOrigins(document: Document, own: string): string[] {
  const listed = document.querySelector<HTMLMetaElement>('meta[name="vigil-origins"]')?.content ?? '';
  return [own, ...listed.split(/\s+/).filter((origin) => origin !== '' && origin !== own)];
}
