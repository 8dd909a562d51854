import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import type { AvailabilityAck, LogoutAck, ServerToTab, TabToServer } from '../../shared/protocol.ts';
import { expectDocumentedMessage } from './api-shapes.ts';
import { withTimeout } from './waiting.ts';

type TabEvent = keyof ServerToTab;
export type MessageOf<E extends TabEvent> = Parameters<ServerToTab[E]>[0];
export interface Received<E extends TabEvent = TabEvent> {
  event: E;
  message: MessageOf<E>;
  /** When it arrived, by the clock of this machine. */
  at: number;
}
export interface ConnectRefusal {
  code: string;
  reason?: string;
}

const EVENTS: TabEvent[] = ['session', 'warning', 'ended', 'expired', 'reconnect', 'outdated'];

export type TabOptions = Partial<ManagerOptions & SocketOptions>;

/**
 * A browser tab without a browser: the contract's socket, spoken by hand. It reconnects only when told to. Every message
 * is held to what AsyncAPI says of it.
 */
export class Tab {
  readonly socket: Socket<ServerToTab, TabToServer>;
  readonly received: Received[] = [];
  readonly #unread: Received[] = [];
  readonly #watchers = new Set<() => void>();
  #ending: string | undefined;
  #refusal: ConnectRefusal | undefined;

  constructor(url: string, token: string | undefined, options: TabOptions = {}) {
    this.socket = io(url, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      autoConnect: false,
      ...(token === undefined ? {} : { auth: { token } }),
      ...options,
    });
    // `onAny` would do, but it also sees what is no event of the contract.
    const untyped: Socket = this.socket;
    for (const event of EVENTS) untyped.on(event, (message) => this.#receive(event, message));
    this.socket.on('connect', () => this.#changed());
    this.socket.on('disconnect', (why) => {
      this.#ending = why;
      this.#changed();
    });
    this.socket.on('connect_error', (error) => {
      this.#refusal = (error as Error & { data?: ConnectRefusal }).data ?? { code: error.message };
      this.#changed();
    });
    this.socket.connect();
  }

  #receive(event: TabEvent, message: MessageOf<TabEvent>): void {
    expectDocumentedMessage('tab', event, message);
    const entry: Received = { event, message, at: Date.now() };
    this.received.push(entry);
    this.#unread.push(entry);
    this.#changed();
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }

  /** Resolves as soon as `look` finds something; looks at once and after each thing that happens to this tab. */
  async #watch<T>(look: () => T | undefined, timeoutMs: number, what: string): Promise<T> {
    let stop = () => {};
    const found = new Promise<T>((resolve) => {
      const check = () => {
        const hit = look();
        if (hit !== undefined) resolve(hit);
      };
      this.#watchers.add(check);
      stop = () => this.#watchers.delete(check);
      check();
    });
    const seen = () => {
      const got = this.received.map(({ event, message }) => `${event} ${JSON.stringify(message)}`);
      return `${what}; the tab got:\n${got.join('\n')}\nrefusal ${JSON.stringify(this.#refusal)}, ending ${this.#ending}`;
    };
    try {
      return await withTimeout(found, timeoutMs, seen);
    } finally {
      stop();
    }
  }

  /** The next message of that kind that was not read yet, past or to come. */
  next<E extends TabEvent>(
    event: E,
    where: (message: MessageOf<E>) => boolean = () => true,
    timeoutMs = 5_000,
  ): Promise<Received<E>> {
    const look = () => {
      const index = this.#unread.findIndex((entry) => {
        return entry.event === event && where(entry.message as MessageOf<E>);
      });
      return index === -1 ? undefined : (this.#unread.splice(index, 1)[0] as Received<E>);
    };
    return this.#watch(look, timeoutMs, `'${event}'`);
  }

  /** All messages of that kind so far, read or not. */
  all<E extends TabEvent>(event: E): Received<E>[] {
    return this.received.filter((entry): entry is Received<E> => entry.event === event);
  }

  async connected(timeoutMs = 5_000): Promise<this> {
    await this.#watch(() => this.socket.connected || undefined, timeoutMs, 'its connection');
    return this;
  }

  /** The refusal of its connection. */
  refused(timeoutMs = 5_000): Promise<ConnectRefusal> {
    return this.#watch(() => this.#refusal, timeoutMs, 'a refusal');
  }

  /** Why the connection ended. */
  disconnected(timeoutMs = 5_000): Promise<string> {
    return this.#watch(() => this.#ending, timeoutMs, 'the end of its connection');
  }

  focus(visible = true, focused = visible, sinceMs?: number): void {
    this.socket.emit('focus', { visible, focused, ...(sinceMs === undefined ? {} : { sinceMs }) });
  }

  activity(idleMs = 0): void {
    this.socket.emit('activity', { idleMs });
  }

  async availability(available: boolean): Promise<AvailabilityAck> {
    const ack = await this.socket.timeout(5_000).emitWithAck('availability', { available });
    expectDocumentedMessage('tab', 'availability', ack, { isAck: true });
    return ack;
  }

  async logout(): Promise<LogoutAck> {
    const ack = await this.socket.timeout(5_000).emitWithAck('logout', {});
    expectDocumentedMessage('tab', 'logout', ack, { isAck: true });
    return ack;
  }

  /** Connects anew, as a tab does after a lost link; what came before counts as read. */
  reconnect(token?: string): this {
    if (token !== undefined) this.socket.auth = { token };
    this.#unread.length = 0;
    this.#ending = undefined;
    this.#refusal = undefined;
    this.socket.connect();
    return this;
  }

  close(): void {
    this.socket.disconnect();
  }
}

/** A visible, focused tab that has been told its session. */
export async function openTab(url: string, token: string, options?: TabOptions): Promise<Tab> {
  const tab = new Tab(url, token, options);
  try {
    await tab.next('session');
  } catch (error) {
    tab.close();
    throw error;
  }
  tab.focus(true);
  return tab;
}
