import express, { type ErrorRequestHandler, type Express, type RequestHandler, Router } from 'express';
import helmet from 'helmet';
import { agentControlRoutes } from './agent-control.ts';
import { agentsRoutes } from './agents.ts';
import { apiDocsRoutes } from './api-docs.ts';
import { assetRoutes } from './assets.ts';
import { auditRoutes } from './audit.ts';
import type { HttpContext } from './context.ts';
import { allowedPages, anyPage } from './cors.ts';
import { dashboardRoutes } from './dashboard.ts';
import { createGate } from './gate.ts';
import { healthRoutes } from './health.ts';
import { loginOptionsRoute, policyRoutes } from './policy.ts';
import { presenceHistoryRoutes } from './presence-history.ts';
import { Problem, sendProblem, toProblem } from './problem.ts';
import { createRefusals, type Refusals } from './refusals.ts';
import { observe, routeOf } from './request-log.ts';
import { sessionRoutes, sessionsRoutes, verifyRoute } from './session.ts';
import { webhookRoutes } from './webhooks.ts';

/** All of HTTP: contract section 6. `pages` are whatever else this port serves, asked first. */
export function createHttpApp(context: HttpContext, pages: RequestHandler[] = []): Express {
  const refusals = createRefusals(context);
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('case sensitive routing').set('query parser', 'simple');
  app.use(observe(context), ...pages, securityHeaders());
  app.use(healthRoutes(context), apiDocsRoutes(), assetRoutes(context), dashboardRoutes(context));
  app.use(apiRoutes(context, refusals));
  app.use(nothingHere);
  app.use(answerErrors(context, refusals));
  return app;
}

function apiRoutes(context: HttpContext, refusals: Refusals): Router {
  const gate = createGate(context, refusals);
  const router = Router({ caseSensitive: true });
  router.use('/v1', (_req, res, next) => {
    res.set('Cache-Control', 'no-store');
    next();
  });
  router.use('/v1/login-options', anyPage);
  router.use(loginOptionsRoute(context), verifyRoute(context));
  router.use('/v1', allowedPages(context.origins));
  router.use(policyRoutes(context, gate), sessionRoutes(context, gate), sessionsRoutes(context, gate));
  router.use(agentsRoutes(context, gate), agentControlRoutes(context, gate), auditRoutes(context, gate));
  router.use(presenceHistoryRoutes(context, gate), webhookRoutes(context, gate));
  return router;
}

/** For answers that are no pages. Whether browsers must use TLS says whoever ends it, for its whole domain. */
function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    strictTransportSecurity: false,
    xFrameOptions: { action: 'deny' },
  });
}

const nothingHere: RequestHandler = () => {
  throw new Problem('not_found', 'There is nothing here.');
};

function answerErrors({ log, metrics }: HttpContext, refusals: Refusals): ErrorRequestHandler {
  return (error, req, res, next) => {
    // Too late for an answer: the connection ends, so that half of one is not taken for a whole.
    if (res.headersSent) return next(error);
    const problem = toProblem(error);
    if (problem === undefined) {
      const { requestId } = res.locals;
      log.error({ err: error, requestId, method: req.method, route: routeOf(req) }, 'a call failed');
      return sendProblem(res, new Problem('internal', 'A fault of the server; it was logged.'));
    }
    const judged = refusals.judge(req, problem);
    metrics.refused(judged.code);
    sendProblem(res, judged);
  };
}
