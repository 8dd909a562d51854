import { randomUUID } from 'node:crypto';
import type { RedisLink } from './redis-link.ts';
import type { Subscriber } from './subscriber.ts';

/** From one word to itself to the next, and for how long one may stay unheard. */
const EVERY_MS = 2_000;
const PATIENCE_MS = 4_000;

export interface HearingOptions {
  link: RedisLink;
  subscriber: Subscriber;
  prefix: string;
  /** In a Cluster. */
  sharded: boolean;
}

/**
 * Whether what is published is heard here. A connection can be well and hear nothing: its server is cut off from the one
 * that is published to, or has handed the channels over and said so at a bad moment. So a node says something to itself
 * now and then; where it does not hear it, it listens anew.
 */
export async function watchHearing(options: HearingOptions): Promise<{ stop(): void }> {
  const { link, subscriber, prefix, sharded } = options;
  const channel = `${prefix}#hearing#${randomUUID()}`;
  let heardAt = performance.now();
  /** When the oldest word was said, and taken by Redis, that has not been heard. */
  let owedSince: number | null = null;
  await subscriber.add(sharded ? 'sSubscribe' : 'subscribe', channel, () => {
    heardAt = performance.now();
    owedSince = null;
  });

  async function speak(): Promise<void> {
    const saidAt = performance.now();
    try {
      await link.send(channel, [sharded ? 'SPUBLISH' : 'PUBLISH', channel, '']);
    } catch {
      // Nothing was said.
      return;
    }
    // It may have been heard before the answer came.
    if (saidAt > heardAt) owedSince ??= saidAt;
  }

  const timer = setInterval(() => {
    if (owedSince !== null && performance.now() - owedSince > PATIENCE_MS) {
      owedSince = null;
      subscriber.renew();
    }
    void speak();
  }, EVERY_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
