import express from 'express';
import jwt from 'jsonwebtoken';

export const SECRET = 'a secret of at least thirty-two bytes';

/** What the desk tells Vigil and hears from it, under the test's control. */
export interface VigilDouble {
  router: express.Router;
  /** Claims of each agent token, in the order in which they came. */
  seen: jwt.JwtPayload[];
  ended: Map<string, string>;
  /** Answers 503 to everything, as Vigil does where its engine is away. */
  away: boolean;
  rememberMe: { agent: boolean; requester: boolean };
  available: string[];
  unavailable: Map<string, { at: number; cause: string }>;
  timeoutSeconds: number;
  /** Ends every session with this reason. */
  endAll(reason: string): void;
}

/** Answers the desk's calls as contract section 6 says, from plain maps. */
export function createVigilDouble(): VigilDouble {
  const router = express.Router();
  const double: VigilDouble = {
    router,
    seen: [],
    ended: new Map(),
    away: false,
    rememberMe: { agent: true, requester: true },
    available: [],
    unavailable: new Map(),
    timeoutSeconds: 900,
    endAll: (reason) => {
      for (const { sid } of double.seen) if (!double.ended.has(sid)) double.ended.set(sid, reason);
    },
  };

  router.use((_req, res, next) => {
    if (double.away) res.status(503).json({ code: 'unavailable' });
    else next();
  });
  router.get('/login-options', (_req, res) => {
    const { agent, requester } = double.rememberMe;
    res.json({ agent: { rememberMe: agent }, requester: { rememberMe: requester } });
  });
  router.use((req, res, next) => {
    const token = (req.get('authorization') ?? '').replace('Bearer ', '');
    res.locals.claims = jwt.verify(token, SECRET, { algorithms: ['HS256'] });
    next();
  });
  router.get(['/verify', '/session'], (_req, res, next) => {
    const reason = double.ended.get(res.locals.claims.sid);
    if (reason === undefined) next();
    else res.status(401).json({ code: 'session_ended', reason });
  });
  router.get('/verify', (_req, res) => {
    const { claims } = res.locals;
    double.seen.push(claims);
    res.set('X-Vigil-Session', encodeURIComponent(claims.sid)).status(204).end();
  });
  router.get('/session', (_req, res) => {
    const { claims } = res.locals;
    const available = claims.auto_assign ? !double.unavailable.has(claims.sub) : null;
    const timeoutMs = double.timeoutSeconds * 1_000;
    res.json({ timeoutMs, available });
  });
  router.use((_req, res, next) => {
    if (res.locals.claims.service === true) next();
    else res.status(403).json({ code: 'forbidden' });
  });
  router.get('/sessions/:sid', (req, res) => {
    const { sid } = req.params;
    if (!double.seen.some((claims) => claims.sid === sid))
      return void res.status(404).json({ code: 'not_found' });
    res.json({ live: !double.ended.has(sid) });
  });
  router.delete('/sessions/:sid', (req, res) => {
    if (!double.ended.has(req.params.sid)) double.ended.set(req.params.sid, 'logout');
    res.status(204).end();
  });
  router.get('/agents/available', (_req, res) => {
    res.json({ agents: double.available.map((id) => ({ id, name: id })) });
  });
  router.get('/policy', (_req, res) => {
    res.json({ timeoutSeconds: double.timeoutSeconds, limits: { minSeconds: 90, maxSeconds: 2_592_000 } });
  });
  router.get('/audit', (req, res) => {
    const known = double.unavailable.get(String(req.query.agent));
    const events = known === undefined ? [] : [{ at: known.at, data: { cause: known.cause } }];
    res.json({ events, next: null });
  });
  return double;
}
