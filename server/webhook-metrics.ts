import { Counter, Gauge, type Registry } from 'prom-client';
import type { WebhookCounts } from './webhooks/counts.ts';

/** Counts webhooks for Prometheus; only where there is somewhere to send them. */
export function createWebhookCounts(registry: Registry, forgot: () => void): WebhookCounts {
  const registers = [registry];
  const total = new Counter({
    name: 'vigil_webhooks_total',
    help: 'Webhooks by outcome: delivered, failed (attempts that will be repeated), dead (given up after 24 h)',
    labelNames: ['outcome'],
    registers,
  });
  const lag = new Gauge({
    name: 'vigil_webhook_lag_seconds',
    help: 'Age of the oldest event that is yet to be delivered, on any node; 0 where none is',
    registers,
  });
  const stopped = new Gauge({
    name: 'vigil_webhook_stopped',
    help: '1 after the receiver answered 410: this node sends nothing until it is started anew',
    registers,
  });
  for (const outcome of ['delivered', 'failed', 'dead']) total.inc({ outcome }, 0);
  return {
    delivered: () => total.inc({ outcome: 'delivered' }),
    failed: () => total.inc({ outcome: 'failed' }),
    dead: (events) => total.inc({ outcome: 'dead' }, events),
    lag: (seconds) => lag.set(seconds),
    forgot,
    stopped: () => stopped.set(1),
  };
}
