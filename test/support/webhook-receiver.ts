import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { VigilEvent } from '../../shared/events.ts';

export const WEBHOOK_SECRET = `whsec_${Buffer.from('a secret of 32 bytes, for tests.').toString('base64')}`;

/** How a receiver answers: a status, nothing at all, or whatever the test writes. */
export type Reply =
  | number
  | 'hang'
  | ((event: VigilEvent) => number | 'hang')
  | ((event: VigilEvent, res: ServerResponse) => void);

/** A host that takes webhooks and verifies each with the reference library. */
export interface WebhookReceiver {
  readonly url: string;
  /** All that came and was answered with 2xx, in order, also where it came twice. */
  readonly taken: VigilEvent[];
  /** All requests, also refused ones. */
  readonly asked: { event: VigilEvent; id: string; at: number }[];
  /** What is wrong with requests that came; empty where all were as Standard Webhooks has them. */
  readonly faults: string[];
  reply: Reply;
  close(): Promise<void>;
}

export async function startReceiver(port = 0): Promise<WebhookReceiver> {
  const webhook = new Webhook(WEBHOOK_SECRET);
  const server = createServer((req, res) => {
    void take(req, res).catch((error: unknown) => receiver.faults.push(String(error)));
  });

  async function take(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    if (body.length > 20_480) receiver.faults.push(`${body.length} bytes`);
    const event = webhook.verify(body, req.headers as Record<string, string>) as VigilEvent;
    const id = String(req.headers['webhook-id']);
    if (id !== event.id) receiver.faults.push(`webhook-id ${id} for ${event.id}`);
    receiver.asked.push({ event, id, at: Date.now() });
    const { reply } = receiver;
    const answer =
      typeof reply === 'function'
        ? (reply as (event: VigilEvent, res: ServerResponse) => unknown)(event, res)
        : reply;
    if (typeof answer !== 'number') return;
    if (answer < 300) receiver.taken.push(event);
    res.statusCode = answer;
    res.end();
  }

  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const receiver: WebhookReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    taken: [],
    asked: [],
    faults: [],
    reply: 204,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return receiver;
}
