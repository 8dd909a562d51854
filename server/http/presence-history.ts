import { Router } from 'express';
import { accountOf } from './caller.ts';
import type { HttpContext } from './context.ts';
import type { Gate } from './gate.ts';
import { idOf, queryOf } from './input.ts';
import { Problem } from './problem.ts';

/** Presence over time: of all (`/v1/presence/history`), and of one agent (`/v1/agents/:id/trail`). */
export function presenceHistoryRoutes({ engine, history }: HttpContext, gate: Gate): Router {
  const router = Router({ caseSensitive: true });

  router.get('/v1/presence/history', async (req, res) => {
    const caller = await gate.permitted(req, 'view_presence', 'GET /v1/presence/history');
    const range = queryOf(req, 'range') ?? 'hour';
    if (range !== 'hour' && range !== 'day')
      throw new Problem('bad_request', 'range must be one of hour, day.');
    res.json(await history.counts(accountOf(caller), range));
  });

  router.get('/v1/agents/:id/trail', async (req, res) => {
    const caller = await gate.permitted(req, 'view_presence', 'GET /v1/agents/:id/trail');
    const account = accountOf(caller);
    const agent = idOf(req, 'id');
    if ((await engine.agent(account, agent)) === null)
      throw new Problem('not_found', 'There is no such agent in this account.');
    res.json({ stretches: await history.trail(account, agent) });
  });

  return router;
}
