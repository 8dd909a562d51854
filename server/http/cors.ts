import type { RequestHandler } from 'express';
import type { OriginCheck } from '../origins.ts';
import { Problem } from './problem.ts';

const METHODS = 'GET, PUT, POST, DELETE';
const HEADERS = 'Authorization, Content-Type, If-Match';
const PREFLIGHT_SECONDS = '600';

/** Pages of allowed origins may call and read; those of others are refused before anything is looked at. */
export function allowedPages(origins: OriginCheck): RequestHandler {
  return (req, res, next) => {
    const { origin, host } = req.headers;
    res.vary('Origin');
    if (!origins({ origin, host }))
      throw new Problem(
        'origin_denied',
        'Pages of this origin may not call: it is not in VIGIL_ALLOWED_ORIGINS.',
      );
    if (origin !== undefined)
      res.set({ 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': 'ETag' });
    if (req.method === 'OPTIONS') return void sendPreflight(res);
    next();
  };
}

/** What is public may be read by any page. */
export const anyPage: RequestHandler = (req, res, next) => {
  res.set('Access-Control-Allow-Origin', '*');
  if (req.method === 'OPTIONS') return void sendPreflight(res);
  next();
};

function sendPreflight(res: Parameters<RequestHandler>[1]): void {
  res.set({
    'Access-Control-Allow-Methods': METHODS,
    'Access-Control-Allow-Headers': HEADERS,
    'Access-Control-Max-Age': PREFLIGHT_SECONDS,
  });
  res.status(204).end();
}
