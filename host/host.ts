import type { IncomingMessage, ServerResponse } from 'node:http';
import type { VigilEvent } from '../shared/events.ts';
import { type CallOptions, createCall, textOf } from './calls.ts';
import { VigilUnavailable } from './errors.ts';
import { cacheKey, LiveCache, type Remembered } from './live-cache.ts';
import { type AgentLogin, createTokenSigner, sidOf, type TokenOptions } from './tokens.ts';
import { createWebhookReceiver, endedBy, type WebhookHandler } from './webhook.ts';

export interface VigilHostOptions extends CallOptions, TokenOptions {
  /**
   * How long a session that was found alive is taken to be so; default 2000 ms, 0 asks for each request. With the
   * webhook an end empties it at once on the process that receives it.
   */
  cacheMs?: number;
  /** How many sessions are remembered; default 10,000. */
  cacheSize?: number;
}

/** Whether a login is alive; `reason` says how it ended (`timeout`, `logout`, `admin`, `lost`; accept others). */
export type LiveCheck = { alive: true } | { alive: false; reason: string };

export interface RequireLiveOptions<Req> {
  /** Who asks, from the host's own session; null lets the request pass (it is nobody's). */
  login: (req: Req) => AgentLogin | null;
  /** The session has ended: drop the host's own session and its remember-me, and answer (401, or to the login page). */
  onEnded: (req: Req, res: ServerResponse, reason: string) => void | Promise<void>;
  /** Vigil can't be asked: answer; by default 503 with `Retry-After`. Call `next` yourself to let it pass (fail open). */
  onUnavailable?: (req: Req, res: ServerResponse, next: (error?: unknown) => void) => void | Promise<void>;
}

export interface VigilHost {
  /** A token for the page: answer it to the SDK's `getToken`. */
  tokenFor(login: AgentLogin): string;
  /** Whether a login is alive; the first question begins its session. Rejects with VigilUnavailable. */
  check(login: AgentLogin): Promise<LiveCheck>;
  /** The host's own logout: ends this login for good. Rejects with VigilUnavailable. */
  logout(login: Pick<AgentLogin, 'account' | 'sessionId'>): Promise<void>;
  /** Express middleware that lets only live sessions pass. **This is what enforces the timeout.** */
  requireLive<Req extends IncomingMessage>(
    options: RequireLiveOptions<Req>,
  ): (req: Req, res: ServerResponse, next: (error?: unknown) => void) => Promise<void>;
  /**
   * A handler for Vigil's webhooks; mount it before any body parser. `onEnded` names the `sid`s that ended (`sidOf` of
   * the host's session ids): drop their sessions and remember-me credentials. See createWebhookReceiver.
   */
  webhook(options: {
    secret: string;
    onEnded?: (ended: { account: string; sids: string[]; reason: string }) => void | Promise<void>;
    onEvent?: (event: VigilEvent) => void | Promise<void>;
  }): WebhookHandler;
}

/** An end is final; it is remembered only so long because memory is bounded by time, too. */
const ENDED_CACHE_MS = 60_000;

/** A host's side of Vigil: tokens at login, the check on each request, logout, webhooks. */
export function createVigilHost(options: VigilHostOptions): VigilHost {
  const { cacheMs = 2_000, cacheSize = 10_000, now = Date.now } = options;
  const signer = createTokenSigner(options);
  const call = createCall(options);
  const cache = new LiveCache(cacheSize, now);

  async function ask(login: AgentLogin): Promise<LiveCheck> {
    const { status, body } = await call('GET', '/v1/verify', signer.forAgent(login));
    if (status === 204) return { alive: true };
    if (textOf(body, 'code') === 'session_ended') {
      return { alive: false, reason: textOf(body, 'reason') ?? 'unknown' };
    }
    throw new VigilUnavailable(
      `Vigil does not take the token: ${status} ${textOf(body, 'code') ?? ''}`,
      status,
    );
  }

  function remember(account: string, sid: string, what: Remembered): void {
    cache.set(cacheKey(account, sid), what, what.alive ? cacheMs : ENDED_CACHE_MS);
  }

  async function check(login: AgentLogin): Promise<LiveCheck> {
    const sid = sidOf(login.sessionId);
    const known = cache.get(cacheKey(login.account, sid));
    if (known !== undefined) return known;
    const found = await ask(login);
    // An end that came in by webhook meanwhile is newer than this answer.
    const meanwhile = cache.get(cacheKey(login.account, sid));
    if (meanwhile?.alive === false) return meanwhile;
    remember(login.account, sid, found);
    return found;
  }

  return {
    tokenFor: (login) => signer.forAgent(login),
    check,

    async logout({ account, sessionId }) {
      const sid = sidOf(sessionId);
      const token = signer.forService(account, ['manage_security']);
      const { status, body } = await call('DELETE', `/v1/sessions/${encodeURIComponent(sid)}`, token);
      if (status !== 204) {
        throw new VigilUnavailable(`Vigil did not end it: ${status} ${textOf(body, 'code') ?? ''}`, status);
      }
      remember(account, sid, { alive: false, reason: 'logout' });
    },

    requireLive({ login: loginOf, onEnded, onUnavailable = refuse }) {
      return async (req, res, next) => {
        try {
          const login = loginOf(req);
          if (login === null) return next();
          const found = await check(login);
          if (found.alive) return next();
          await onEnded(req, res, found.reason);
        } catch (error) {
          if (error instanceof VigilUnavailable) await onUnavailable(req, res, next);
          else next(error);
        }
      };
    },

    webhook({ secret, onEnded, onEvent }) {
      return createWebhookReceiver({
        secret,
        async onEvent(event) {
          const ended = endedBy(event);
          for (const sid of ended?.sids ?? [])
            remember(event.account, sid, { alive: false, reason: ended!.reason });
          if (ended !== null) await onEnded?.(ended);
          await onEvent?.(event);
        },
      });
    },
  };
}

function refuse(_req: IncomingMessage, res: ServerResponse): void {
  res.statusCode = 503;
  res.setHeader('Retry-After', '5');
  res.end(
    'Signed-in pages are closed for a moment: Vigil cannot be asked whether your session is still alive.\n',
  );
}
