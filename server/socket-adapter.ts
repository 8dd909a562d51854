import { createAdapter, createShardedAdapter } from '@socket.io/redis-adapter';
import type { ServerOptions } from 'socket.io';
import type { Clock } from './clock.ts';
import { CHANNELS, watchHearing } from './redis/hearing.ts';
import { openLink } from './redis/open-link.ts';
import type { RedisLink } from './redis/redis-link.ts';
import { type MessageListener, openSubscriber, type Subscriber } from './redis/subscriber.ts';
import type { RedisTarget } from './redis-url.ts';

/** How Socket.IO servers on several nodes reach each other through Redis. */
export interface SocketAdapter {
  adapter: NonNullable<ServerOptions['adapter']>;
  /** Resolves when Redis has taken all that was published so far; rejects where it may not have. */
  published(): Promise<void>;
  /** Calls back when messages of other nodes may have been missed. */
  onMissed(listener: () => void): void;
  close(): Promise<void>;
}

/**
 * The classic adapter, or on a Cluster the sharded one. Both call `publish` and `subscribe` and look at no promise: a
 * failing one would end the process. So they are handed no client but what stands for one, whose promises never fail.
 */
export async function openSocketAdapter(
  target: RedisTarget,
  clock: Clock,
  onFailure: () => void,
): Promise<SocketAdapter> {
  const link = await openLink(target);
  const subscriber = await openSubscriber(target, CHANNELS).catch(async (error: unknown) => {
    await link.close();
    throw error;
  });
  const { client: publishing, published } = createPublisher(link, onFailure);
  const subscribing = createSubscribingClient(subscriber);
  const adapter =
    target.kind === 'cluster'
      ? createShardedAdapter(publishing, subscribing, { channelPrefix: CHANNELS, subscriptionMode: 'static' })
      : createAdapter(publishing, subscribing, { key: CHANNELS });
  const hearing = await watchHearing({
    link,
    subscriber,
    clock,
    sharded: target.kind === 'cluster',
  });
  return {
    adapter,
    published,
    onMissed: (listener) => subscriber.onMissed(listener),
    async close() {
      hearing.stop();
      subscriber.close();
      await link.close();
    },
  };
}

function createPublisher(link: RedisLink, onFailure: () => void) {
  const underWay = new Set<Promise<unknown>>();
  const send = (command: string, channel: string, message: string | Buffer): Promise<unknown> => {
    const taken = link.send(channel, [command, channel, message]);
    underWay.add(taken);
    return taken.catch(onFailure).finally(() => underWay.delete(taken));
  };
  const client = {
    publish: (channel: string, message: string | Buffer) => send('PUBLISH', channel, message),
    sPublish: (channel: string, message: string | Buffer) => send('SPUBLISH', channel, message),
    sendCommand: (words: string[]) => link.send(CHANNELS, words),
    ...NO_EVENTS,
    // By these the adapter knows what kind of client it has.
    pSubscribe: () => Promise.resolve(),
    sSubscribe: () => Promise.resolve(),
  };
  return { client, published: async () => void (await Promise.all(underWay)) };
}

function createSubscribingClient(subscriber: Subscriber) {
  const add = (kind: 'subscribe' | 'pSubscribe' | 'sSubscribe') => {
    return async (channels: string | string[], listener: MessageListener) => {
      for (const channel of [channels].flat()) await subscriber.add(kind, channel, listener);
    };
  };
  const remove = async (channels: string | string[]) => {
    for (const channel of [channels].flat()) subscriber.remove(channel);
  };
  return {
    subscribe: add('subscribe'),
    pSubscribe: add('pSubscribe'),
    sSubscribe: add('sSubscribe'),
    unsubscribe: remove,
    pUnsubscribe: remove,
    sUnsubscribe: remove,
    ...NO_EVENTS,
  };
}

/** Connections come and go without the adapter's knowing. */
const NO_EVENTS = { on: () => {}, off: () => {}, listenerCount: () => 2 };
