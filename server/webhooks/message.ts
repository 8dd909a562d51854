import { Webhook } from 'standardwebhooks';
import type { VigilEvent } from '../../shared/events.ts';

/** Receivers need not take more. */
export const MAX_BODY_BYTES = 20_000;

export interface Message {
  body: string;
  headers: Record<string, string>;
}

/** Makes events into messages as Standard Webhooks has them, signed for the moment at which they are sent. */
export function createSigner(secret: string): (event: VigilEvent, now: number) => Message {
  const webhook = new Webhook(secret);
  return (event, now) => {
    const body = bodyOf(event);
    const sentAt = new Date(now);
    return {
      body,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Vigil-Webhooks/1',
        'webhook-id': event.id,
        'webhook-timestamp': String(Math.floor(now / 1_000)),
        'webhook-signature': webhook.sign(event.id, sentAt, body),
      },
    };
  };
}

/** All that can grow beyond the bound is a list of many long `sid`s: then it says how many it leaves out. */
function bodyOf(event: VigilEvent): string {
  const whole = JSON.stringify(event);
  if (Buffer.byteLength(whole) <= MAX_BODY_BYTES || event.type !== 'session.ended') return whole;
  const { sessions } = event.data;
  for (let kept = sessions.length - 1; ; kept -= 1) {
    const data = {
      ...event.data,
      sessions: sessions.slice(0, kept),
      sessionsOmitted: sessions.length - kept,
    };
    const body = JSON.stringify({ ...event, data });
    if (kept === 0 || Buffer.byteLength(body) <= MAX_BODY_BYTES) return body;
  }
}
