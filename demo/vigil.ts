import {
  type AgentLogin,
  createVigilHost,
  type LiveCheck,
  type LoginOptions,
  VigilUnavailable,
} from 'vigil/host';
import { z } from 'zod';
import { ACCOUNT, type Person } from './people.ts';
import type { DeskSession } from './sessions.ts';

/** What the desk asks of Vigil. Only `host` throws where Vigil can't be asked: here no answer is an answer, too. */
export interface Vigil {
  host: ReturnType<typeof createVigilHost>;
  /** Whether a login is still alive; null where Vigil can't be asked. The first question begins its session. */
  check(login: Login): Promise<LiveCheck | null>;
  /** Those of these sessions that are alive; null where Vigil can't be asked. */
  alive(sessions: DeskSession[]): Promise<DeskSession[] | null>;
  /** The host's own sign-out. False where Vigil did not hear of it. */
  end(session: DeskSession): Promise<boolean>;
  /** On whose login page "Remember me" stands; null where Vigil can't be asked. */
  loginOptions(): Promise<LoginOptions | null>;
  /** Ids of the agents to whom a ticket may go now; null where Vigil can't be asked. */
  availableAgents(): Promise<string[] | null>;
  /** What a page shows of a session; null where Vigil can't be asked. */
  session(login: Login): Promise<LiveSession | null>;
  /** The timeout in force; null where Vigil can't be asked. */
  timeoutSeconds(): Promise<number | null>;
  /** Since when an agent is unavailable and why; null where that is not known. */
  unavailableSince(agent: string): Promise<Unavailable | null>;
}

interface Login {
  session: DeskSession;
  person: Person;
}
export interface Unavailable {
  at: number;
  cause: string;
}

const liveSession = z.object({ timeoutMs: z.number(), available: z.boolean().nullable() });
export type LiveSession = z.infer<typeof liveSession>;
const policy = z.object({ timeoutSeconds: z.number(), limits: z.object({ minSeconds: z.number() }) });
const becameUnavailable = z.object({
  events: z.array(z.object({ at: z.number(), data: z.object({ cause: z.string() }) })),
});

/** A page waits for these calls: better a page that says so than one that hangs. */
const PATIENCE_MS = 3_000;

export interface VigilOptions {
  url: () => string;
  secret: string;
  clock: { now(): number };
  warn: (message: string) => void;
}

/** A login as Vigil is to know it. The cookie's own id is kept nowhere; the key of the session follows from it. */
export function loginOf({ session, person }: Login): AgentLogin {
  const { id, name, permissions, autoAssign } = person;
  const { key: sessionId, loginAt } = session;
  return { agent: id, account: ACCOUNT, sessionId, loginAt, name, permissions: [...permissions], autoAssign };
}

export function createVigil({ url, secret, clock, warn }: VigilOptions): Vigil {
  // Vigil is next door: it is asked for each request, and no page is shown even a second after the end.
  const host = createVigilHost({
    url,
    key: secret,
    cacheMs: 0,
    timeoutMs: PATIENCE_MS,
    now: () => clock.now(),
    log: warn,
  });

  async function orNull<T>(asked: Promise<T>): Promise<T | null> {
    try {
      return await asked;
    } catch (error) {
      if (!(error instanceof VigilUnavailable)) throw error;
      // It answers, and does not take what the desk says: somebody should look into that.
      if (error.status !== null && error.status < 500) warn(error.message);
      return null;
    }
  }

  /** What the host kit has no function for. */
  async function ask<T>(path: string, token: string, schema: z.ZodType<T>): Promise<T | null> {
    try {
      const response = await fetch(url() + path, {
        headers: { authorization: `Bearer ${token}` },
        redirect: 'error',
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      return response.ok ? (schema.safeParse(await response.json()).data ?? null) : null;
    } catch {
      return null;
    }
  }

  const asManager = () => host.serviceToken(ACCOUNT, ['manage_security']);

  return {
    host,
    check: ({ session, person }) =>
      session.ended === null
        ? orNull(host.check(loginOf({ session, person })))
        : Promise.resolve({ alive: false, reason: session.ended }),
    async alive(sessions) {
      const asked = sessions.map(({ sid }) => orNull(host.checkSession({ account: ACCOUNT, sid })));
      const checks = await Promise.all(asked);
      return checks.includes(null) ? null : sessions.filter((_, index) => checks[index]?.alive);
    },
    end: async ({ sid }) => (await orNull(host.logout({ account: ACCOUNT, sid }).then(() => true))) ?? false,
    loginOptions: () => orNull(host.loginOptions(ACCOUNT)),
    async availableAgents() {
      const agents = await orNull(host.availableAgents(ACCOUNT));
      return agents?.map(({ id }) => id) ?? null;
    },
    session: (login) => ask('/v1/session', host.tokenFor(loginOf(login)), liveSession),
    async timeoutSeconds() {
      const answer = await ask('/v1/policy', asManager(), policy);
      return answer === null ? null : Math.max(answer.timeoutSeconds, answer.limits.minSeconds);
    },
    async unavailableSince(agent) {
      const query = new URLSearchParams({ type: 'agent.unavailable', agent, limit: '1' });
      const answer = await ask(`/v1/audit?${query}`, asManager(), becameUnavailable);
      const newest = answer?.events[0];
      return newest === undefined ? null : { at: newest.at, cause: newest.data.cause };
    },
  };
}
