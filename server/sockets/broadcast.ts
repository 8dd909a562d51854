import type { Namespace } from 'socket.io';
import type { VigilEvent } from '../../shared/events.ts';
import type { Emission, Push } from '../engine/engine.ts';
import { breathe } from './pieces.ts';

/** What one node tells the others of an emission. */
export interface PushMessage {
  account: string;
  agent: string | null;
  pushes: Push[];
  /** Of an end: the others repeat it, should Redis lose it. */
  events?: VigilEvent[];
}

/** What the others are told: of what happened only what they may have to repeat. */
export function messageOf({ account, agent, pushes, events }: Emission): PushMessage {
  const isEnd = pushes.some(({ type }) => type === 'ended');
  return { account, agent, pushes, ...(isEnd ? { events } : {}) };
}

/** How a node reaches the sockets of the others. */
export interface Broadcast {
  /** Resolves once it is on its way to all of them; rejects where it may not be. */
  send(message: PushMessage): Promise<void>;
  /** Calls back with what other nodes sent. */
  onMessage(listener: (message: PushMessage) => void): void;
  /** Calls back when messages may have gone by unheard: what they said has to be asked for. */
  onMissed?(listener: () => void): void;
}

/** There is no other node. */
export const soleNode: Broadcast = {
  send: () => Promise.resolve(),
  onMessage() {},
};

const EVENT = 'vigil:pushes';

/** What stands between an adapter and the other nodes. */
export interface AdapterWire {
  /** Resolves when everything that was handed to the adapter's publisher so far has been taken. */
  published(): Promise<void>;
  onMissed(listener: () => void): void;
}

/** Emissions in one message: a few ten kB. */
const MOST = 200;

/**
 * Through the Socket.IO adapter of a namespace, all that comes up in one turn of the event loop together: a message costs
 * the sender ten times what an emission in it costs.
 */
export function adapterBroadcast(namespace: Namespace, wire: AdapterWire): Broadcast {
  let batch: PushMessage[] = [];
  let sending: Promise<void> | undefined;

  async function sendAll(): Promise<void> {
    await breathe();
    sending = undefined;
    const messages = batch;
    batch = [];
    for (let from = 0; from < messages.length; from += MOST)
      namespace.serverSideEmit(EVENT, messages.slice(from, from + MOST));
    await wire.published();
  }

  return {
    send(message) {
      batch.push(message);
      sending ??= sendAll();
      return sending;
    },
    onMessage(listener) {
      namespace.on(EVENT, ((messages: PushMessage[]) => messages.forEach(listener)) as (
        ...args: unknown[]
      ) => void);
    },
    onMissed: (listener) => wire.onMissed(listener),
  };
}
