import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { RedisLink } from './redis-link.ts';
import type { Subscriber } from './subscriber.ts';

/** From one word to itself to the next, and for how long one may stay unheard. */
const EVERY_MS = 2_000;
const PATIENCE_MS = 4_000;

/** The braces put all channels of the nodes into one slot: a single connection hears them in a Cluster, too. */
export const CHANNELS = '{vigil}';
const EARS = `${CHANNELS}#hearing#`;

export interface HearingOptions {
  link: RedisLink;
  subscriber: Subscriber;
  clock: Clock;
  /** In a Cluster. */
  sharded: boolean;
}

/** How many nodes listen at Redis; where they listen is not among its data, and outlives them. */
export async function countEars(link: Pick<RedisLink, 'send'>, sharded: boolean): Promise<number> {
  const command = sharded ? 'SHARDCHANNELS' : 'CHANNELS';
  const heard = await link.send(CHANNELS, ['PUBSUB', command, `${EARS}*`]);
  return (heard as string[]).length;
}

/**
 * Whether what is published is heard here. A connection can be well and hear nothing: its server is cut off from the one
 * that is published to, or has handed the channels over and said so at a bad moment. So a node says something to itself
 * now and then; where it does not hear it, it listens anew.
 */
export async function watchHearing(options: HearingOptions): Promise<{ stop(): void }> {
  const { link, subscriber, clock, sharded } = options;
  const channel = `${EARS}${randomUUID()}`;
  let heardAt = clock.monotonic();
  /** When the oldest word was said, and taken by Redis, that has not been heard. */
  let owedSince: number | null = null;
  await subscriber.add(sharded ? 'sSubscribe' : 'subscribe', channel, () => {
    heardAt = clock.monotonic();
    owedSince = null;
  });

  async function speak(): Promise<void> {
    const saidAt = clock.monotonic();
    try {
      await link.send(channel, [sharded ? 'SPUBLISH' : 'PUBLISH', channel, '']);
    } catch {
      // Nothing was said.
      return;
    }
    // It may have been heard before the answer came.
    if (saidAt > heardAt) owedSince ??= saidAt;
  }

  let cancel = () => {};
  function look(): void {
    if (owedSince !== null && clock.monotonic() - owedSince > PATIENCE_MS) {
      owedSince = null;
      subscriber.renew();
    }
    void speak();
    cancel = clock.after(EVERY_MS, look);
  }
  cancel = clock.after(EVERY_MS, look);
  return { stop: () => cancel() };
}
