import { io, type Socket } from 'socket.io-client';
import type { AgentPresence } from '../../shared/presence.ts';
import type {
  ChangesMessage,
  ServerToDashboard,
  ServerToTab,
  SnapshotMessage,
  TabToServer,
} from '../../shared/protocol.ts';
import { expectDocumentedMessage } from '../support/api-shapes.ts';
import { withTimeout } from '../support/waiting.ts';

/**
 * A dashboard without a page: the rows, and all that was ever shown of each. It comes back by itself, and whoever
 * watches moves the pointer now and then, or would be signed out.
 */
export class PresenceWatcher {
  readonly rows = new Map<string, AgentPresence>();
  readonly shown: { at: number; row: AgentPresence }[] = [];
  readonly removed: { at: number; id: string }[] = [];
  readonly #socket: Socket<ServerToDashboard>;
  readonly #tab: Socket<ServerToTab, TabToServer>;
  readonly #watchers = new Set<() => void>();
  readonly #pointer: NodeJS.Timeout;
  readonly #timers = new Set<NodeJS.Timeout>();
  #isComplete = false;

  constructor(url: string, token: string) {
    const tab: Socket<ServerToTab, TabToServer> = io(url, {
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: 100,
      reconnectionDelayMax: 500,
      auth: { token },
    });
    tab.on('connect', () => void tab.emit('focus', { visible: true, focused: true }));
    this.#pointer = setInterval(() => tab.volatile.emit('activity', { idleMs: 0 }), 1_000);
    this.#tab = tab;
    this.#socket = io(`${url}/presence`, {
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: 100,
      reconnectionDelayMax: 500,
      auth: { token },
    });
    this.#socket.on('snapshot', (message) => this.#snapshot(message));
    this.#socket.on('changes', (message) => this.#changes(message));
    for (const socket of [tab, this.#socket] as Socket[]) {
      socket.on('reconnect', ({ afterMs }: { afterMs: number }) => {
        this.#timers.add(setTimeout(() => socket.disconnect().connect(), afterMs));
      });
      // The client leaves it at that, where it was the server that closed.
      socket.on('disconnect', (why) => {
        if (why === 'io server disconnect') this.#timers.add(setTimeout(() => socket.connect(), 100));
      });
      // A node that is going away refuses for the moment only.
      socket.on('connect_error', () => {
        if (!socket.active) this.#timers.add(setTimeout(() => socket.connect(), 100));
      });
    }
  }

  async complete(): Promise<this> {
    await this.#until(() => this.#isComplete, 'a snapshot', 10_000);
    return this;
  }

  /** Resolves with the moment at which the row of an agent first was so; undefined: it is not there. */
  async sees(
    id: string,
    what: string,
    is: (row: AgentPresence | undefined) => boolean,
    timeoutMs = 10_000,
  ): Promise<number> {
    await this.#until(() => is(this.rows.get(id)), `${id} ${what}`, timeoutMs);
    return Date.now();
  }

  close(): void {
    clearInterval(this.#pointer);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#tab.disconnect();
    this.#socket.disconnect();
  }

  #snapshot(message: SnapshotMessage): void {
    expectDocumentedMessage('presence', 'snapshot', message);
    this.#show(message.agents);
    this.#isComplete = !message.more;
    this.#changed();
  }

  #changes(message: ChangesMessage): void {
    expectDocumentedMessage('presence', 'changes', message);
    this.#show(message.agents);
    for (const id of message.removed) {
      this.rows.delete(id);
      this.removed.push({ at: Date.now(), id });
    }
    this.#changed();
  }

  #show(agents: AgentPresence[]): void {
    for (const row of agents) {
      this.rows.set(row.id, row);
      this.shown.push({ at: Date.now(), row });
    }
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }

  async #until(holds: () => boolean, what: string, timeoutMs: number): Promise<void> {
    let stop = () => {};
    const reached = new Promise<void>((resolve) => {
      const look = () => {
        if (holds()) resolve();
      };
      this.#watchers.add(look);
      stop = () => this.#watchers.delete(look);
      look();
    });
    try {
      await withTimeout(reached, timeoutMs, `a dashboard that sees ${what}`);
    } finally {
      stop();
    }
  }
}
