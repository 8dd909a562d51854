import type { RedisTarget } from '../redis-url.ts';
import { connectToHolder } from './cluster.ts';
import { lookOut } from './outdated.ts';
import { type NamedMaster, Sentinels } from './sentinel.ts';
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
  const source = sourceOf(target, channel);
  let client = follow(await connectFirst(source));

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

  async function subscribeAll(connected: ServerClient): Promise<void> {
    try {
      for (const { kind, channel: name, listener } of subscriptions.values())
        await connected[kind](name, listener, true);
    } catch (error) {
      destroyClient(connected);
      throw error;
    }
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
        const next = follow(await source.connect());
        await subscribeAll(next);
        client = next;
        if (closed) destroyClient(next);
        else for (const listener of listeners) listener();
        return;
      } catch {
        const pauseMs = MAX_PAUSE_MS * (0.2 + 0.8 * Math.random());
        await new Promise<void>((resolve) => setTimeout(resolve, pauseMs).unref());
      }
    }
  }

  const { isOutdated } = source;
  const lookout = isOutdated === undefined ? undefined : lookOut(isOutdated, () => giveUp(client));

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
      lookout?.stop();
      source.close();
      destroyClient(client);
    },
  };
}

/** Where the server is found that is to be listened to. */
interface Source {
  connect(): Promise<ServerClient>;
  /** Whether there is another one by now. */
  isOutdated?(): Promise<boolean>;
  close(): void;
}

function sourceOf(target: RedisTarget, channel: string): Source {
  const close = () => {};
  switch (target.kind) {
    case 'single':
      return { connect: () => connectClient({ url: target.url }, target), close };
    case 'sentinel':
      return throughSentinels(new Sentinels(target));
    case 'cluster':
      return { connect: () => connectToHolder(target, channel), close };
  }
}

function throughSentinels(sentinels: Sentinels): Source {
  let listenedTo: NamedMaster | undefined;
  return {
    async connect() {
      const { client, master } = await sentinels.connectToMaster();
      listenedTo = master;
      return client;
    },
    isOutdated: async () => listenedTo !== undefined && sentinels.haveLeft(listenedTo),
    close: () => sentinels.close(),
  };
}

async function connectFirst(source: Source): Promise<ServerClient> {
  try {
    return await source.connect();
  } catch (error) {
    source.close();
    throw error;
  }
}
