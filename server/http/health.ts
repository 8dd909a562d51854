import { createHash, timingSafeEqual } from 'node:crypto';
import { type Request, Router } from 'express';
import { isLoopback, plainAddress } from '../addresses.ts';
import { EngineUnavailable } from '../engine/engine.ts';
import { bearerOf } from './caller.ts';
import type { HttpContext } from './context.ts';
import { Problem } from './problem.ts';

/** A balancer that asks wants to hear soon. */
const PATIENCE_MS = 1_500;
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip'];

/** For balancers and for Prometheus: `/healthz`, `/readyz`, `/metrics`. */
export function healthRoutes(context: HttpContext): Router {
  const { engine, clock, metrics, isLeaving } = context;
  const router = Router({ caseSensitive: true });

  router.get('/healthz', (_req, res) => void res.json({ status: 'alive' }));

  router.get('/readyz', async (_req, res) => {
    if (isLeaving()) throw new Problem('unavailable', 'This node is going away.');
    await answerInTime();
    res.json({ status: 'ready' });
  });

  router.get('/metrics', async (req, res) => {
    checkReader(context, req);
    res.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });

  async function answerInTime(): Promise<void> {
    let cancel = () => {};
    const late = new Promise<never>((_resolve, reject) => {
      cancel = clock.after(PATIENCE_MS, () => reject(new EngineUnavailable('no answer in time')));
    });
    await Promise.race([engine.ping(), late]).finally(() => cancel());
  }

  return router;
}

/** With a token, whoever has it; without, only this machine. */
function checkReader({ metricsToken }: HttpContext, req: Request): void {
  if (metricsToken === null) {
    // Behind a proxy on this machine everybody seems to be this machine.
    const proxied = FORWARDED.some((name) => req.headers[name] !== undefined);
    if (!proxied && isLoopback(plainAddress(req.socket.remoteAddress ?? ''))) return;
    throw new Problem('forbidden', 'Metrics are for this machine only, where no VIGIL_METRICS_TOKEN is set.');
  }
  const token = bearerOf(req);
  if (token === undefined) throw new Problem('token_missing', 'The metrics need their token.');
  if (!timingSafeEqual(digest(token), digest(metricsToken)))
    throw new Problem('token_invalid', 'This is not the token of the metrics.');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
