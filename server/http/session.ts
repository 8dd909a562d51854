import { type Request, Router } from 'express';
import { type AgentCaller, bearerOf, callerOf } from './caller.ts';
import type { HttpContext } from './context.ts';
import type { Gate } from './gate.ts';
import { idOf } from './input.ts';
import { Problem } from './problem.ts';

/** The caller's own session: `/v1/session`. */
export function sessionRoutes({ engine }: HttpContext, gate: Gate): Router {
  const router = Router({ caseSensitive: true });

  router.get('/v1/session', async (req, res) => {
    const { login, session, permissions } = await gate.agent(req);
    const { agent, account } = login;
    res.json({ ...session, serverTime: Math.floor(engine.now()), agent, account, permissions });
  });

  router.delete('/v1/session', async (req, res) => {
    const { account, agent, sid } = (await gate.agent(req)).login;
    await engine.endSession({ account, sid, by: agent });
    res.status(204).end();
  });

  return router;
}

/**
 * Forward-auth: `/v1/verify`. A proxy asks it for each request to the host, with that request's own headers; so its
 * `Origin`, which is the host's affair, is not judged here, and no page may read the answer.
 */
export function verifyRoute(context: HttpContext): Router {
  const router = Router({ caseSensitive: true });
  router.get('/v1/verify', async (req, res) => {
    const { login } = await verified(req);
    res.set({
      'X-Vigil-Agent': encodeURIComponent(login.agent),
      'X-Vigil-Account': encodeURIComponent(login.account),
      'X-Vigil-Session': encodeURIComponent(login.sid),
    });
    res.status(204).end();
  });

  async function verified(req: Request): Promise<AgentCaller> {
    const token =
      bearerOf(req) ?? (context.verifyCookie === null ? undefined : cookieOf(req, context.verifyCookie));
    const caller = await callerOf(context, req, token);
    // Forward-auth knows yes, no and later: what is no agent is a no.
    if (caller.kind !== 'agent') throw new Problem('token_invalid', 'A service token has no session.');
    return caller;
  }

  return router;
}

function cookieOf(req: Request, name: string): string | undefined {
  for (const pair of (req.headers.cookie ?? '').split(';')) {
    const equals = pair.indexOf('=');
    if (pair.slice(0, equals).trim() !== name) continue;
    return pair
      .slice(equals + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1');
  }
  return undefined;
}

/** For the host's backend, which has no agent's token at hand: `/v1/sessions/:sid`. */
export function sessionsRoutes({ engine }: HttpContext, gate: Gate): Router {
  const router = Router({ caseSensitive: true });

  router.get('/v1/sessions/:sid', async (req, res) => {
    const { account } = await gate.service(req, 'GET /v1/sessions/:sid');
    const status = await engine.session(account, idOf(req, 'sid'));
    if (status === null)
      throw new Problem('not_found', 'Vigil has not seen this sid, or forgot it long after its end.');
    const { agent, live } = status;
    res.json(
      status.live
        ? { agent, live, startedAt: status.startedAt }
        : { agent, live, reason: status.reason, endedAt: status.endedAt },
    );
  });

  router.delete('/v1/sessions/:sid', async (req, res) => {
    const { account, subject } = await gate.service(req, 'DELETE /v1/sessions/:sid');
    await engine.endSession({ account, sid: idOf(req, 'sid'), by: subject });
    res.status(204).end();
  });

  return router;
}
