import { ask } from './ask.ts';
import type { Finding } from './finding.ts';

/** A receiver that was deployed a moment ago is none that is away. */
const LATE_SECONDS = 30;

/** What a running server tells of its webhooks, in its metrics. */
export async function checkWebhooks(url: string, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const token = env.VIGIL_METRICS_TOKEN;
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  const answer = await ask(`${url}/metrics`, { headers });
  if (answer?.status !== 200) {
    const advice = 'Set VIGIL_METRICS_TOKEN as the server has it, or run this on its machine.';
    return [{ level: 'odd', what: 'webhooks are not checked: its metrics are not for us', advice }];
  }
  return judge(String(answer.body), env.VIGIL_WEBHOOK_URL !== undefined);
}

function judge(metrics: string, isWanted: boolean): Finding[] {
  const figure = (name: string) => {
    const line = metrics.split('\n').find((text) => text.startsWith(`${name} `));
    return line === undefined ? null : Number(line.split(' ')[1]);
  };
  const failed = figure('vigil_webhooks_total{outcome="failed"}');
  const lag = figure('vigil_webhook_lag_seconds') ?? 0;
  if (failed === null) {
    const advice = 'Restart it with VIGIL_WEBHOOK_URL and VIGIL_WEBHOOK_SECRET.';
    return isWanted ? [{ level: 'bad', what: 'it sends no webhooks', advice }] : [];
  }
  if (figure('vigil_webhook_stopped') === 1) {
    const advice = 'Mend the receiver, then restart the node.';
    return [
      { level: 'bad', what: 'the receiver of webhooks answered 410: nothing is sent any more', advice },
    ];
  }
  if (lag < LATE_SECONDS && failed === 0)
    return [{ level: 'good', what: 'webhooks: none failed, none waits' }];
  return [
    {
      level: lag < LATE_SECONDS ? 'odd' : 'bad',
      what:
        lag < LATE_SECONDS
          ? `${failed} attempts to deliver webhooks failed since it started`
          : `a webhook waits for ${Math.round(lag)} s; ${failed} attempts failed since it started`,
      advice: 'Its log says why ("a webhook was not taken"): the same VIGIL_WEBHOOK_SECRET on both sides?',
    },
  ];
}
