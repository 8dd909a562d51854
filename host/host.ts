import type { IncomingMessage, ServerResponse } from 'node:http';
import type { VigilEvent } from '../shared/events.ts';
import { type Answer, type CallOptions, createCall, textOf } from './calls.ts';
import { VigilUnavailable } from './errors.ts';
import { cacheKey, LiveCache, type Remembered } from './live-cache.ts';
import { type AgentLogin, createTokenSigner, type Permission, sidOf, type TokenOptions } from './tokens.ts';
import { createWebhookReceiver, type Ended, endedBy, type WebhookHandler } from './webhook.ts';

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

/** One login, by the host's own session id or by the `sid` that follows from it. */
export type LoginRef = { account: string } & ({ sessionId: string } | { sid: string });

/** Whether a login page may offer "remember me". */
export interface LoginOptions {
  agent: { rememberMe: boolean };
  requester: { rememberMe: boolean };
}

export interface RequireLiveOptions<Req, Res> {
  /** Who asks, from the host's own session; null or undefined lets the request pass (it is nobody's). */
  login: (req: Req) => AgentLogin | null | undefined;
  /** The session has ended: drop the host's own session and its remember-me, and answer (401, or to the login page). */
  onEnded: (req: Req, res: Res, reason: string) => void | Promise<void>;
  /** Vigil can't be asked: answer; by default 503 with `Retry-After`. Call `next` yourself to let it pass (fail open). */
  onUnavailable?: (req: Req, res: Res, next: (error?: unknown) => void) => void | Promise<void>;
}

export interface VigilHost {
  /** A token for the page: answer it to the SDK's `getToken`. */
  tokenFor(login: AgentLogin): string;
  /** Whether a login is alive; the first question begins its session. Rejects with VigilUnavailable. */
  check(login: AgentLogin): Promise<LiveCheck>;
  /**
   * Whether a login is alive, where only its id is at hand, such as in a list of somebody's logins; asked anew each time,
   * and begins nothing. `reason` is `unknown` for one that Vigil never saw. Rejects with VigilUnavailable.
   */
  checkSession(login: LoginRef): Promise<LiveCheck>;
  /** The host's own logout: ends this login for good. Rejects with VigilUnavailable. */
  logout(login: LoginRef): Promise<void>;
  /** For the login page. Rejects with VigilUnavailable. */
  loginOptions(account: string): Promise<LoginOptions>;
  /** To whom a ticket may go now: in auto-assignment, available, signed in. Rejects with VigilUnavailable. */
  availableAgents(account: string): Promise<{ id: string; name: string | null }[]>;
  /** A token for any other call of the host's own in one account; no more permissions than the call needs. */
  serviceToken(account: string, permissions: Permission[]): string;
  /** Express middleware that lets only live sessions pass. **This is what enforces the timeout.** */
  requireLive<Req extends IncomingMessage, Res extends ServerResponse = ServerResponse>(
    options: RequireLiveOptions<Req, Res>,
  ): (req: Req, res: Res, next: (error?: unknown) => void) => Promise<void>;
  /**
   * A handler for Vigil's webhooks; mount it before any body parser. `onEnded` names the `sid`s that ended (`sidOf` of
   * the host's session ids): drop their sessions and remember-me credentials. See createWebhookReceiver.
   */
  webhook(options: {
    secret: string;
    onEnded?: (ended: Ended) => void | Promise<void>;
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
    const answer = await call('GET', '/v1/verify', signer.forAgent(login));
    // A yes must be one for this very login: whatever stands in between may answer with somebody else's.
    const named = answer.headers.get('x-vigil-session');
    if (answer.status === 204 && named === encodeURIComponent(sidOf(login.sessionId))) return { alive: true };
    if (textOf(answer.body, 'code') === 'session_ended') {
      return { alive: false, reason: textOf(answer.body, 'reason') ?? 'unknown' };
    }
    throw refused(answer);
  }

  /** A call in the host's own name. */
  function callAs(account: string, permission: Permission, method: string, path: string): Promise<Answer> {
    return call(method, path, signer.forService(account, [permission]));
  }

  function remember(account: string, sid: string, agent: string, what: Remembered): void {
    const forMs = what.alive ? cacheMs : ENDED_CACHE_MS;
    cache.set(cacheKey(account, sid), cacheKey(account, agent), what, forMs);
  }

  function learn({ account, agent, sids, reason, omitted }: Ended): void {
    for (const sid of sids) remember(account, sid, agent, { alive: false, reason });
    if (omitted > 0) cache.forget(cacheKey(account, agent));
  }

  async function check(login: AgentLogin): Promise<LiveCheck> {
    const sid = sidOf(login.sessionId);
    const known = cache.get(cacheKey(login.account, sid));
    if (known !== undefined) return known;
    const found = await ask(login);
    // An end that came in by webhook meanwhile is newer than this answer.
    const meanwhile = cache.get(cacheKey(login.account, sid));
    if (meanwhile?.alive === false) return meanwhile;
    remember(login.account, sid, login.agent, found);
    return found;
  }

  return {
    tokenFor: (login) => signer.forAgent(login),
    check,

    async checkSession(login) {
      const answer = await callAs(login.account, 'manage_security', 'GET', sessionPath(login));
      if (answer.status === 200) {
        const { live } = answer.body as { live?: unknown };
        return live === true
          ? { alive: true }
          : { alive: false, reason: textOf(answer.body, 'reason') ?? 'unknown' };
      }
      if (textOf(answer.body, 'code') === 'not_found') return { alive: false, reason: 'unknown' };
      throw refused(answer);
    },

    async logout(login) {
      const answer = await callAs(login.account, 'manage_security', 'DELETE', sessionPath(login));
      if (answer.status !== 204) throw refused(answer);
      remember(login.account, sidFor(login), '', { alive: false, reason: 'logout' });
    },

    async loginOptions(account) {
      const answer = await call('GET', `/v1/login-options?account=${encodeURIComponent(account)}`, null);
      if (answer.status !== 200) throw refused(answer);
      return answer.body as LoginOptions;
    },

    async availableAgents(account) {
      const answer = await callAs(account, 'view_presence', 'GET', '/v1/agents/available');
      if (answer.status !== 200) throw refused(answer);
      return (answer.body as { agents: { id: string; name: string | null }[] }).agents;
    },

    serviceToken: (account, permissions) => signer.forService(account, permissions),

    requireLive({ login: loginOf, onEnded, onUnavailable = refuse }) {
      return async (req, res, next) => {
        try {
          const login = loginOf(req);
          if (!login) return next();
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
          if (ended !== null) {
            learn(ended);
            await onEnded?.(ended);
          }
          await onEvent?.(event);
        },
      });
    },
  };
}

function sidFor(login: LoginRef): string {
  return 'sid' in login ? login.sid : sidOf(login.sessionId);
}

function sessionPath(login: LoginRef): string {
  return `/v1/sessions/${encodeURIComponent(sidFor(login))}`;
}

/** Vigil answered, but not what was asked for: a wrong key, a clock that is off, a wrong address. */
function refused({ status, body }: Answer): VigilUnavailable {
  const why = [textOf(body, 'code'), textOf(body, 'detail')].filter(Boolean).join(': ');
  return new VigilUnavailable(`Vigil did not take the call: ${status} ${why}`.trimEnd(), status);
}

function refuse(_req: IncomingMessage, res: ServerResponse): void {
  res.statusCode = 503;
  res.setHeader('Retry-After', '5');
  res.end(
    'Signed-in pages are closed for a moment: Vigil cannot be asked whether your session is still alive.\n',
  );
}
