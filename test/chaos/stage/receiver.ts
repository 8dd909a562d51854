import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { WEBHOOK_SECRET } from '../../support/webhook-receiver.ts';
import type { Recorder, VigilEvent } from '../log.ts';

/** A host that takes webhooks, and can stop answering them. */
export interface Receiver {
  readonly url: string;
  /** From now on it reads and says nothing; or it is back. */
  hang(on: boolean): void;
  close(): Promise<void>;
}

export async function startReceiver(recorder: Recorder, host: string): Promise<Receiver> {
  const webhook = new Webhook(WEBHOOK_SECRET);
  const hanging = new Set<ServerResponse>();
  let hangs = false;
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('error', () => {});
    req.on('end', () => {
      const body = Buffer.concat(chunks);
      const event = webhook.verify(body, req.headers as Record<string, string>) as VigilEvent;
      recorder.write({ k: 'hook', event, taken: !hangs });
      if (hangs) {
        hanging.add(res);
        res.on('close', () => hanging.delete(res));
        return;
      }
      res.statusCode = 204;
      res.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}/hooks`,
    hang(on) {
      hangs = on;
      if (!on) for (const res of hanging) res.destroy();
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
