import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import type { Engine } from './engine/engine.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { createWebhookCounts } from './webhook-metrics.ts';
import { startWebhooks, type Webhooks } from './webhooks/dispatcher.ts';

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Starts sending webhooks where it is said whereto. */
export function openWebhooks(
  webhook: Config['webhook'],
  surroundings: { engine: Engine; clock: Clock; log: Log; metrics: Metrics },
): Webhooks | null {
  if (webhook === null) return null;
  const { engine, clock, log, metrics } = surroundings;
  const { protocol, hostname, host } = new URL(webhook.url);
  if (protocol === 'http:' && !LOOPBACK.test(hostname))
    log.warn({ host }, 'VIGIL_WEBHOOK_URL is plain http: whoever is in between reads who works when');
  const counts = createWebhookCounts(metrics.registry, () => metrics.dropped('ahead_webhook'));
  return startWebhooks({ ...webhook, engine, clock, log, counts });
}
