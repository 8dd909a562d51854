import type { IncomingMessage, ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import type { EndReason, VigilEvent } from '../shared/events.ts';
import { createComplaints, type Log, toConsole } from './complaints.ts';
import { checkFunctions, checkNames, checkNumber, checkWebhookSecret, faulty } from './given.ts';

export interface WebhookReceiverOptions {
  /** The `whsec_…` secret that Vigil signs with (VIGIL_WEBHOOK_SECRET). */
  secret: string;
  /**
   * Each event once, as far as this process remembers; a rejection answers 500, and Vigil sends it again. At least once
   * remains: what must happen once keeps the event's id beside its effect.
   */
  onEvent: (event: VigilEvent) => Promise<void> | void;
  /** How many ids are remembered; default 10,000. */
  remember?: number;
  /** Where it says what it refused and what failed, each at most once a minute; default console.error. */
  log?: Log;
}

export type WebhookHandler = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

const MAX_BODY_BYTES = 20_480;

/**
 * A request handler (express or plain `node:http`) for Vigil's webhooks. It reads the raw body itself: mount it before
 * any body parser. 204 where the event was taken, 400 where signature, time or body are not right, 413 above 20 kB.
 */
export function createWebhookReceiver(options: WebhookReceiverOptions): WebhookHandler {
  const where = 'createWebhookReceiver';
  checkNames(where, options, ['secret', 'onEvent', 'remember', 'log']);
  checkFunctions(where, options, ['onEvent', 'log']);
  const { secret, onEvent, remember = 10_000, log = toConsole } = options;
  if (onEvent === undefined) throw faulty(where, 'onEvent is missing');
  checkWebhookSecret(where, secret);
  checkNumber(where, 'remember', remember, 1);
  const complain = createComplaints(log, Date.now);
  const webhook = new Webhook(secret);
  const taken = new Set<string>();

  async function take(event: VigilEvent, id: string): Promise<void> {
    if (taken.has(id)) return;
    await onEvent(event);
    taken.add(id);
    if (taken.size <= remember) return;
    const [oldest] = taken;
    if (oldest !== undefined) taken.delete(oldest);
  }

  return async (req, res) => {
    const refuse = (status: number, why: string) => {
      complain(`vigil: a webhook was refused (${status}): ${why}`);
      end(res, status);
    };
    try {
      if (req.readableEnded)
        return refuse(400, 'its body was read before; mount this before any body parser');
      const body = await readBody(req);
      if (body === null) return refuse(413, 'longer than 20 kB');
      const id = String(req.headers['webhook-id'] ?? '');
      const event = verify(webhook, body, req);
      if (typeof event === 'string') return refuse(400, event);
      await take(event, `${event.account}\t${id}`);
      end(res, 204);
    } catch (error) {
      // The receiver's own failure: Vigil is to try again.
      complain(`vigil: a webhook was not taken (500), and comes again: ${String(error)}`, error);
      end(res, 500);
    }
  };
}

/** Logins of one agent that ended together. */
export interface Ended {
  account: string;
  agent: string;
  /** `sidOf` of the host's session ids. */
  sids: string[];
  reason: EndReason;
  /** How many more ended with them whose `sid`s the event had no room for: check each login of the agent. Mostly 0. */
  omitted: number;
}

/** The logins that an event ended, and why; null for any other event. */
export function endedBy(event: VigilEvent): Ended | null {
  if (event.type !== 'session.ended') return null;
  const { agent, sessions, reason, sessionsOmitted = 0 } = event.data;
  return { account: event.account, agent, sids: sessions, reason, omitted: sessionsOmitted };
}

/** The event, or why it is none of Vigil's. */
function verify(webhook: Webhook, body: string, req: IncomingMessage): VigilEvent | string {
  const header = (name: string) => String(req.headers[name] ?? '');
  try {
    return webhook.verify(body, {
      'webhook-id': header('webhook-id'),
      'webhook-timestamp': header('webhook-timestamp'),
      'webhook-signature': header('webhook-signature'),
    }) as VigilEvent;
  } catch (error) {
    const { message } = error as Error;
    if (!/signature found/.test(message)) return message;
    return 'the signature does not match (same VIGIL_WEBHOOK_SECRET on both sides?)';
  }
}

async function readBody(req: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function end(res: ServerResponse, status: number): void {
  res.statusCode = status;
  res.end();
}
