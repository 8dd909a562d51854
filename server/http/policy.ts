import { type Response, Router } from 'express';
import { isTimeoutInRange, MAX_TIMEOUT_SECONDS } from '../../shared/policy.ts';
import { policyBody, previewBody } from '../../shared/schemas.ts';
import type { Engine, Policy } from '../engine/engine.ts';
import { accountOf, nameOf } from './caller.ts';
import type { HttpContext } from './context.ts';
import type { Gate } from './gate.ts';
import { bodyOf, idQueryOf, jsonBody } from './input.ts';
import { Problem } from './problem.ts';

/** What an account admin decides: `/v1/policy`. */
export function policyRoutes({ engine, leadMs, minTimeoutMs }: HttpContext, gate: Gate): Router {
  const limits = { minSeconds: Math.ceil(minTimeoutMs / 1000), maxSeconds: MAX_TIMEOUT_SECONDS };
  const router = Router({ caseSensitive: true });

  router.get('/v1/policy', async (req, res) => {
    const caller = await gate.permitted(req, 'manage_security', 'GET /v1/policy');
    send(res, await engine.policy(accountOf(caller)));
  });

  router.put('/v1/policy', async (req, res, next) => {
    res.locals.caller = await gate.permitted(req, 'manage_security', 'PUT /v1/policy');
    next();
  });
  router.put('/v1/policy', jsonBody, async (req, res) => {
    const { caller } = res.locals;
    const settings = bodyOf(req, policyBody);
    checkRange(settings.timeoutSeconds);
    const account = accountOf(caller);
    const condition = await conditionOf(engine, account, req.headers['if-match']);
    const saved = await engine.setPolicy({ account, settings, by: nameOf(caller), ...condition });
    if (!saved.ok) throw stale();
    send(res, saved.policy);
  });

  router.post('/v1/policy/preview', async (req, res, next) => {
    res.locals.caller = await gate.permitted(req, 'manage_security', 'POST /v1/policy/preview');
    next();
  });
  router.post('/v1/policy/preview', jsonBody, async (req, res) => {
    const { timeoutSeconds } = bodyOf(req, previewBody);
    checkRange(timeoutSeconds);
    res.json(await engine.preview(accountOf(res.locals.caller), timeoutSeconds));
  });

  function checkRange(timeoutSeconds: number): void {
    if (isTimeoutInRange(timeoutSeconds, limits.minSeconds)) return;
    throw new Problem(
      'out_of_range',
      `timeoutSeconds must be from ${limits.minSeconds} to ${limits.maxSeconds}.`,
    );
  }

  function send(res: Response, policy: Policy): void {
    const { timeoutSeconds, rememberMe, updatedAt, updatedBy, version } = policy;
    res.set('ETag', `"${version}"`);
    res.json({ timeoutSeconds, rememberMe, leadSeconds: leadMs / 1000, limits, updatedAt, updatedBy });
  }

  return router;
}

/** On the login page, before anybody is known: `/v1/login-options`, public. */
export function loginOptionsRoute({ engine }: HttpContext): Router {
  const router = Router({ caseSensitive: true });
  router.get('/v1/login-options', async (req, res) => {
    const account = idQueryOf(req, 'account');
    if (account === undefined) throw new Problem('bad_request', 'account is missing.');
    const { rememberMe } = await engine.policy(account);
    res.json({ agent: { rememberMe: rememberMe.agent }, requester: { rememberMe: rememberMe.requester } });
  });
  return router;
}

/**
 * What `If-Match` asks of the policy's version. A weak tag is taken for the strong one, since proxies that compress
 * weaken what they pass on.
 */
async function conditionOf(
  engine: Engine,
  account: string,
  ifMatch: string | undefined,
): Promise<{ ifVersion?: number }> {
  if (ifMatch === undefined || ifMatch.trim() === '*') return {};
  const versions = ifMatch
    .split(',')
    .map((tag) => Number(/^\s*(?:W\/)?"(\d{1,15})"\s*$/.exec(tag)?.[1] ?? Number.NaN));
  const { version } = await engine.policy(account);
  if (!versions.includes(version)) throw stale();
  return { ifVersion: version };
}

function stale(): Problem {
  return new Problem('precondition_failed', 'Somebody else saved the policy meanwhile: read it again.');
}
