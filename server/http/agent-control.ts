import { Router } from 'express';
import { availabilityRequest } from '../../shared/schemas.ts';
import { accountOf, type Caller, nameOf } from './caller.ts';
import type { HttpContext } from './context.ts';
import type { Gate } from './gate.ts';
import { bodyOf, idOf, jsonBody } from './input.ts';
import { Problem } from './problem.ts';

/** What is done to an agent: sign-out, and availability in auto-assignment. */
export function agentControlRoutes({ engine }: HttpContext, gate: Gate): Router {
  const router = Router({ caseSensitive: true });

  router.post('/v1/agents/:id/sign-out', async (req, res) => {
    const caller = await gate.permitted(req, 'manage_security', 'POST /v1/agents/:id/sign-out');
    const found = await engine.signOut({
      account: accountOf(caller),
      agent: idOf(req, 'id'),
      by: nameOf(caller),
    });
    if (!found) throw nobody();
    res.status(204).end();
  });

  router.put('/v1/agents/:id/availability', async (req, res, next) => {
    const call = 'PUT /v1/agents/:id/availability';
    res.locals.caller = await gate.permittedOrSelf(req, 'manage_security', idOf(req, 'id'), call);
    next();
  });
  router.put('/v1/agents/:id/availability', jsonBody, async (req, res) => {
    const caller = res.locals.caller as Caller;
    const agent = idOf(req, 'id');
    const { available } = bodyOf(req, availabilityRequest);
    const isSelf = caller.kind === 'agent' && caller.login.agent === agent;
    const by = { cause: isSelf ? 'agent' : 'admin', id: nameOf(caller) } as const;
    const result = await engine.setAvailability({ account: accountOf(caller), agent, available, by });
    if (result.ok) res.json({ available: result.available });
    else throw refusalOf(result.code);
  });

  return router;
}

function refusalOf(code: 'not_found' | 'not_participating' | 'rate_limited'): Problem {
  switch (code) {
    case 'not_found':
      return nobody();
    case 'not_participating':
      return new Problem(code, 'The agent takes no part in auto-assignment.');
    case 'rate_limited':
      return new Problem(code, 'The availability of this agent was changed too often.');
  }
}

function nobody(): Problem {
  return new Problem('not_found', 'There is no such agent in this account.');
}
