import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import type { HttpContext } from './context.ts';

/** What a proxy may have named the request: no dot, so that no token passes for it. */
const REQUEST_ID = /^[\w-]{1,64}$/;
const CHANGES = new Set(['POST', 'PUT', 'DELETE']);

/** Counts and logs every answer, under an id that the caller gets, too. */
export function observe({ clock, metrics, log }: HttpContext): RequestHandler {
  return (req, res, next) => {
    const startedAt = clock.monotonic();
    const given = req.headers['x-request-id'];
    const requestId = typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
    res.locals.requestId = requestId;
    res.set('X-Request-Id', requestId);
    res.on('finish', () => {
      const ms = clock.monotonic() - startedAt;
      metrics.answered(req.method, routeOf(req), res.statusCode, ms / 1000);
      const { method } = req;
      const entry = { requestId, method, route: routeOf(req), status: res.statusCode, ms, ...callerIn(req) };
      if (CHANGES.has(method)) log.info(entry, 'answered');
      else log.debug(entry, 'answered');
    });
    next();
  };
}

/** The pattern of the route that answered; never the path or the query, which hold ids and whatever else was sent. */
export function routeOf({ route }: Request): string {
  return route === undefined ? 'none' : String(route.path);
}

/** Who called, as `callerOf` noted it. */
function callerIn({ res }: Request): object {
  return res?.locals.who ?? {};
}
