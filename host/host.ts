import type { IncomingMessage, ServerResponse } from 'node:http';
import type { VigilEvent } from '../shared/events.ts';
import { type Answer, type CallOptions, createCall, refusal, textOf } from './calls.ts';
import { type Log, toConsole } from './complaints.ts';
import { createGate, type Gate, type RequireLiveOptions } from './gate.ts';
import {
  checkFunctions,
  checkId,
  checkLogin,
  checkNames,
  checkNumber,
  checkRef,
  checkUrl,
  checkWebhookSecret,
} from './given.ts';
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
  /** Where the kit says what somebody should look into, each thing at most once a minute; default console.error. */
  log?: Log;
}

const OPTIONS = [
  ...['url', 'key', 'algorithm', 'issuer', 'audience', 'keyId', 'lifetimeSeconds', 'timeoutMs'],
  ...['cacheMs', 'cacheSize', 'fetch', 'now', 'log'],
];

/** Whether a login is alive; `reason` says how it ended (`timeout`, `logout`, `admin`, `lost`; accept others). */
export type LiveCheck = { alive: true } | { alive: false; reason: string };

/** One login, by the host's own session id or by the `sid` that follows from it. */
export type LoginRef = { account: string } & ({ sessionId: string } | { sid: string });

/** Whether a login page may offer "remember me". */
export interface LoginOptions {
  agent: { rememberMe: boolean };
  requester: { rememberMe: boolean };
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
  /** Takes an agent out of auto-assignment, or back into it. Rejects with VigilUnavailable. */
  setAvailability(agent: { account: string; agent: string }, available: boolean): Promise<void>;
  /** A token for any other call of the host's own in one account; no more permissions than the call needs. */
  serviceToken(account: string, permissions: Permission[]): string;
  /** Express middleware that lets only live sessions pass. **This is what enforces the timeout.** */
  requireLive<Req extends IncomingMessage, Res extends ServerResponse = ServerResponse>(
    options: RequireLiveOptions<Req, Res>,
  ): Gate<Req, Res>;
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
  const where = 'createVigilHost';
  checkNames(where, options, OPTIONS);
  checkFunctions(where, options, ['fetch', 'now', 'log']);
  const { cacheMs = 2_000, cacheSize = 10_000, timeoutMs = 3_000, now = Date.now, log = toConsole } = options;
  checkUrl(where, options.url);
  checkNumber(where, 'cacheMs', cacheMs, 0);
  checkNumber(where, 'cacheSize', cacheSize, 1);
  checkNumber(where, 'timeoutMs', timeoutMs, 1);
  const signer = createTokenSigner(options, where);
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

  const refused = (answer: Answer) => refusal(call.base(), answer);

  /** A call in the host's own name. */
  function callAs(
    account: string,
    permission: Permission,
    method: string,
    path: string,
    body?: object,
  ): Promise<Answer> {
    return call(method, path, signer.forService(account, [permission]), body);
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
    checkLogin('check', login);
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
      checkRef('checkSession', login);
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
      checkRef('logout', login);
      const answer = await callAs(login.account, 'manage_security', 'DELETE', sessionPath(login));
      if (answer.status !== 204) throw refused(answer);
      remember(login.account, sidFor(login), '', { alive: false, reason: 'logout' });
    },

    async loginOptions(account) {
      checkId('loginOptions', 'account', account);
      const answer = await call('GET', `/v1/login-options?account=${encodeURIComponent(account)}`, null);
      if (answer.status !== 200) throw refused(answer);
      return answer.body as LoginOptions;
    },

    async availableAgents(account) {
      checkId('availableAgents', 'account', account);
      const answer = await callAs(account, 'view_presence', 'GET', '/v1/agents/available');
      if (answer.status !== 200) throw refused(answer);
      return (answer.body as { agents: { id: string; name: string | null }[] }).agents;
    },

    async setAvailability({ account, agent }, available) {
      checkId('setAvailability', 'account', account);
      checkId('setAvailability', 'agent', agent);
      const path = `/v1/agents/${encodeURIComponent(agent)}/availability`;
      const answer = await callAs(account, 'manage_security', 'PUT', path, { available });
      if (answer.status >= 300) throw refused(answer);
    },

    serviceToken: (account, permissions) => signer.forService(account, permissions),

    requireLive: (gate) => createGate(gate, { check, log, now }),

    webhook(handling) {
      checkNames('webhook', handling, ['secret', 'onEnded', 'onEvent']);
      checkFunctions('webhook', handling, ['onEnded', 'onEvent']);
      const { secret, onEnded, onEvent } = handling;
      checkWebhookSecret('webhook', secret);
      return createWebhookReceiver({
        secret,
        log,
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
