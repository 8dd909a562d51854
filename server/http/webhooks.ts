import { Router } from 'express';
import type { HttpContext } from './context.ts';
import type { Gate } from './gate.ts';

/** What was given up for good, and sending it once more. For the host's own backend: dead letters hold `sid`s. */
export function webhookRoutes({ engine }: HttpContext, gate: Gate): Router {
  const router = Router({ caseSensitive: true });

  router.get('/v1/webhooks/dead-letters', async (req, res) => {
    const { account } = await gate.service(req, 'GET /v1/webhooks/dead-letters');
    res.json({ deadLetters: await engine.deliveries.deadLetters(account) });
  });

  router.post('/v1/webhooks/dead-letters/resend', async (req, res) => {
    const { account } = await gate.service(req, 'POST /v1/webhooks/dead-letters/resend');
    res.json({ resending: await engine.deliveries.resend(account) });
  });

  return router;
}
