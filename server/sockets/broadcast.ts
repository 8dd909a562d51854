import type { Namespace } from 'socket.io';
import type { Push } from '../engine/engine.ts';

/** What one node tells the others of an emission. */
export interface PushMessage {
  account: string;
  agent: string | null;
  pushes: Push[];
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

const EVENT = 'vigil:push';

/** What stands between an adapter and the other nodes. */
export interface AdapterWire {
  /** Resolves when everything that was handed to the adapter's publisher so far has been taken. */
  published(): Promise<void>;
  onMissed(listener: () => void): void;
}

/** Through the Socket.IO adapter of a namespace: one message an emission, however many tabs are where. */
export function adapterBroadcast(namespace: Namespace, wire: AdapterWire): Broadcast {
  return {
    send(message) {
      namespace.serverSideEmit(EVENT, message);
      return wire.published();
    },
    onMessage(listener) {
      namespace.on(EVENT, listener as (...args: unknown[]) => void);
    },
    onMissed: (listener) => wire.onMissed(listener),
  };
}
