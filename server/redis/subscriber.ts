import type { RedisTarget } from '../redis-url.ts';
import { connectToHolder } from './cluster.ts';
import { connectToMaster } from './sentinel.ts';
import { connectClient, destroyClient, type ServerClient } from './server-connection.ts';

const MAX_PAUSE_MS = 500;

export type MessageListener = (message: Buffer, channel: Buffer) => void;
export type SubscriptionKind = 'subscribe' | 'pSubscribe' | 'sSubscribe';

interface Subscription {
  kind: SubscriptionKind;
  channel: string;
  listener: MessageListener;
}

/** Listens on channels. A lost connection is replaced by another, on the server that is to be listened to by then. */
export interface Subscriber {
  add(kind: SubscriptionKind, channel: string, listener: MessageListener): Promise<void>;
  remove(channel: string): void;
  /** Gives the connection up for another: nothing is heard on it any more. */
  renew(): void;
  /** Calls back when it listens again after a time in which messages may have gone by. */
  onMissed(listener: () => void): void;
  close(): void;
}

/** In a Cluster all channels must be in the slot of `channel`. */
export async function openSubscriber(target: RedisTarget, channel: string): Promise<Subscriber> {
  const subscriptions = new Map<string, Subscription>();
  const listeners = new Set<() => void>();
  let closed = false;
  let client = follow(await connect(target, channel));

  function follow(connected: ServerClient): ServerClient {
    connected.once('end', () => giveUp(connected));
    connected.once('error', () => giveUp(connected));
    // Its server does not serve these channels any more, and stays connected.
    connected.once('sharded-channel-moved', () => giveUp(connected));
    return connected;
  }

  function giveUp(connected: ServerClient): void {
    destroyClient(connected);
    if (connected === client) void lost();
  }

  let returning: Promise<void> | null = null;
  function lost(): Promise<void> {
    if (closed) return Promise.resolve();
    returning ??= comeBack().finally(() => {
      returning = null;
    });
    return returning;
  }

  async function comeBack(): Promise<void> {
    while (!closed) {
      try {
        const next = await connect(target, channel);
        for (const { kind, channel: name, listener } of subscriptions.values())
          await next[kind](name, listener, true);
        client = follow(next);
        if (closed) destroyClient(next);
        else for (const listener of listeners) listener();
        return;
      } catch {
        const pauseMs = MAX_PAUSE_MS * (0.2 + 0.8 * Math.random());
        await new Promise<void>((resolve) => setTimeout(resolve, pauseMs).unref());
      }
    }
  }

  return {
    async add(kind, name, listener) {
      subscriptions.set(name, { kind, channel: name, listener });
      // Where the connection breaks meanwhile, the next one subscribes.
      await client[kind](name, listener, true).catch(() => lost());
    },
    remove(name) {
      subscriptions.delete(name);
    },
    renew: () => giveUp(client),
    onMissed(listener) {
      listeners.add(listener);
    },
    close() {
      closed = true;
      destroyClient(client);
    },
  };
}

function connect(target: RedisTarget, channel: string): Promise<ServerClient> {
  switch (target.kind) {
    case 'single':
      return connectClient({ url: target.url }, target);
    case 'sentinel':
      return connectToMaster(target);
    case 'cluster':
      return connectToHolder(target, channel);
  }
}
