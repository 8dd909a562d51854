import { Router } from 'express';
import { accountOf } from './caller.ts';
import type { HttpContext } from './context.ts';
import type { Gate } from './gate.ts';
import { queryOf } from './input.ts';
import { Problem } from './problem.ts';

/** How many were in which state over the last hour or day: `/v1/presence/history`. */
export function presenceHistoryRoutes({ history }: HttpContext, gate: Gate): Router {
  const router = Router({ caseSensitive: true });
  router.get('/v1/presence/history', async (req, res) => {
    const caller = await gate.permitted(req, 'view_presence', 'GET /v1/presence/history');
    const range = queryOf(req, 'range') ?? 'hour';
    if (range !== 'hour' && range !== 'day')
      throw new Problem('bad_request', 'range must be one of hour, day.');
    res.json(await history.read(accountOf(caller), range));
  });
  return router;
}
