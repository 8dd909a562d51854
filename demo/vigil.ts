import { z } from 'zod';
import { ACCOUNT, type Person } from './people.ts';
import type { DeskSession } from './sessions.ts';
import type { ServicePermission, TokenMint } from './tokens.ts';

/** What the desk asks of Vigil, by its public HTTP calls. Nothing here throws: no answer is an answer, too. */
export interface Vigil {
  /** Whether a login is still alive. The first question begins its session. */
  check(session: DeskSession, person: Person): Promise<Check>;
  /** Logins that are alive of those named; null where Vigil can't be asked. */
  alive(sids: string[]): Promise<Set<string> | null>;
  /** The host's own sign-out. False where Vigil did not hear of it. */
  end(session: DeskSession): Promise<boolean>;
  /** On whose login page "Remember me" stands; null where Vigil can't be asked. */
  loginOptions(): Promise<LoginOptions | null>;
  /** Ids of the agents to whom a ticket may go now; null where Vigil can't be asked. */
  availableAgents(): Promise<string[] | null>;
  /** The timeout in force; null where Vigil can't be asked. */
  timeoutSeconds(): Promise<number | null>;
  /** Since when an agent is unavailable and why; null where that is not known. */
  unavailableSince(agent: string): Promise<Unavailable | null>;
}

const liveSession = z.object({
  agent: z.string(),
  account: z.string(),
  timeoutMs: z.number(),
  available: z.boolean().nullable(),
});
export type LiveSession = z.infer<typeof liveSession>;

export type Check =
  | { kind: 'alive'; live: LiveSession }
  | { kind: 'ended'; reason: string }
  | { kind: 'unreachable' };

const loginStatus = z.object({ live: z.boolean() });

const rememberMe = z.object({ rememberMe: z.boolean() });
const loginOptions = z.object({ agent: rememberMe, requester: rememberMe });
export type LoginOptions = z.infer<typeof loginOptions>;

const availableAgents = z.object({ agents: z.array(z.object({ id: z.string() })) });
const policy = z.object({ timeoutSeconds: z.number(), limits: z.object({ minSeconds: z.number() }) });
const problem = z.object({ code: z.string(), reason: z.string().optional() });
const becameUnavailable = z.object({
  events: z.array(z.object({ at: z.number(), data: z.object({ cause: z.string() }) })),
});
export interface Unavailable {
  at: number;
  cause: string;
}

/** A page waits for this call: better a page that says so than one that hangs. */
const PATIENCE_MS = 3_000;

export interface VigilOptions {
  url: () => string;
  mint: TokenMint;
  warn: (message: string) => void;
}

interface Answer {
  status: number;
  body: unknown;
}

export function createVigil({ url, mint, warn }: VigilOptions): Vigil {
  async function call(method: string, path: string, token: string | null): Promise<Answer | null> {
    try {
      const response = await fetch(url() + path, {
        method,
        headers: {
          accept: 'application/json',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
        redirect: 'error',
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : JSON.parse(text) };
    } catch {
      return null;
    }
  }

  async function ask<T>(path: string, as: ServicePermission | null, schema: z.ZodType<T>): Promise<T | null> {
    const answer = await call('GET', path, as === null ? null : mint.forService(as));
    if (answer === null || answer.status !== 200) return null;
    return schema.safeParse(answer.body).data ?? null;
  }

  return {
    async check(session, person) {
      const answer = await call('GET', '/v1/session', mint.forSession(session, person).token);
      const check = judge(answer, person);
      if (check.kind === 'unreachable' && answer !== null && answer.status < 500) {
        const { data } = problem.safeParse(answer.body);
        warn(`Vigil does not take the desk's token: ${answer.status} ${data?.code ?? ''}`);
      }
      return check;
    },
    async end(session) {
      const path = `/v1/sessions/${encodeURIComponent(session.sid)}`;
      const answer = await call('DELETE', path, mint.forService('manage_security'));
      return answer !== null && (answer.status < 300 || answer.status === 404);
    },
    async alive(sids) {
      const found = new Set<string>();
      for (const sid of sids) {
        const path = `/v1/sessions/${encodeURIComponent(sid)}`;
        const answer = await call('GET', path, mint.forService('manage_security'));
        if (answer === null || (answer.status !== 200 && answer.status !== 404)) return null;
        if (answer.status === 200 && loginStatus.safeParse(answer.body).data?.live === true) found.add(sid);
      }
      return found;
    },
    loginOptions: () => ask(`/v1/login-options?account=${encodeURIComponent(ACCOUNT)}`, null, loginOptions),
    async availableAgents() {
      const answer = await ask('/v1/agents/available', 'view_presence', availableAgents);
      return answer?.agents.map((agent) => agent.id) ?? null;
    },
    async timeoutSeconds() {
      const answer = await ask('/v1/policy', 'manage_security', policy);
      return answer === null ? null : Math.max(answer.timeoutSeconds, answer.limits.minSeconds);
    },
    async unavailableSince(agent) {
      const query = new URLSearchParams({ type: 'agent.unavailable', agent, limit: '1' });
      const answer = await ask(`/v1/audit?${query}`, 'manage_security', becameUnavailable);
      const newest = answer?.events[0];
      return newest === undefined ? null : { at: newest.at, cause: newest.data.cause };
    },
  };
}

/** Fail closed: only a clear yes, for this very agent, is one. */
function judge(answer: Answer | null, person: Person): Check {
  if (answer?.status === 200) {
    const { data: live } = liveSession.safeParse(answer.body);
    if (live?.agent === person.id && live.account === ACCOUNT) return { kind: 'alive', live };
  }
  if (answer?.status === 401) {
    const { data } = problem.safeParse(answer.body);
    if (data?.code === 'session_ended') return { kind: 'ended', reason: data.reason ?? 'unknown' };
  }
  return { kind: 'unreachable' };
}
