import type { DefaultEventsMap, Socket } from 'socket.io';
import type {
  ChangesMessage,
  EndedMessage,
  ServerToDashboard,
  SnapshotMessage,
} from '../../shared/protocol.ts';
import type { Login, Permission } from '../engine/engine.ts';
import type { Connection } from './connection.ts';
import type { Admitted } from './door.ts';

export type WatcherSocket = Socket<DefaultEventsMap, ServerToDashboard, DefaultEventsMap, Admitted>;

export function mayWatch(permissions: Permission[]): boolean {
  return permissions.includes('view_presence') || permissions.includes('manage_security');
}

/** One dashboard that watches its account on this node. */
export class Watcher {
  readonly login: Login;
  readonly expiresAt: number;
  readonly connection: Connection;
  readonly #socket: WatcherSocket;
  #isOver = false;

  constructor(socket: WatcherSocket) {
    const { token, connection } = socket.data;
    this.#socket = socket;
    this.login = token.login;
    this.expiresAt = token.expiresAt;
    this.connection = connection;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  snapshot(message: SnapshotMessage): void {
    if (!this.#isOver) this.#socket.emit('snapshot', message);
  }

  /** Changes that only this one has to be told. */
  changes(message: ChangesMessage): void {
    if (!this.#isOver) this.#socket.emit('changes', message);
  }

  /** From now on it gets what all are told. */
  join(room: string): void {
    if (!this.#isOver) void this.#socket.join(room);
  }

  reconnect(afterMs: number): void {
    if (!this.#isOver) this.#socket.emit('reconnect', { afterMs });
  }

  ended(message: EndedMessage): void {
    this.#finish(() => this.#socket.emit('ended', message));
  }

  expired(): void {
    this.#finish(() => this.#socket.emit('expired', {}));
  }

  disconnect(): void {
    this.#finish(() => undefined);
  }

  gone(): void {
    this.#isOver = true;
  }

  #finish(lastWord: () => void): void {
    if (this.#isOver) return;
    lastWord();
    this.#isOver = true;
    this.#socket.disconnect();
  }
}
