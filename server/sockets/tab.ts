import type { DefaultEventsMap, Socket } from 'socket.io';
import type {
  EndedMessage,
  ServerToTab,
  SessionMessage,
  SessionView,
  TabToServer,
  WarningMessage,
} from '../../shared/protocol.ts';
import type { LoginRef, TabChange, TabRef } from '../engine/engine.ts';
import type { Connection } from './connection.ts';
import type { Admitted, Arrival } from './door.ts';
import { TabVisibility } from './visibility.ts';

/** A tab that is about to open. */
export interface TabArrival extends Arrival {
  /** How many pushes to its agent had come by when the engine was asked. */
  pushes: number;
}

export type TabSocket = Socket<TabToServer, ServerToTab, DefaultEventsMap, Admitted<TabArrival>>;

/** A request whose answer is still under way. */
export interface PendingRequest {
  /** The session has ended meanwhile: answer now, `ended` is next and last. */
  end(): void;
}

/** One open tab of this node. */
export class Tab implements TabRef {
  /** One object for all tabs of a login on this node: reports are told apart by it, which saves making up a name. */
  #login: LoginRef;
  /** Its name among the tabs of all nodes. */
  readonly tab: string;
  /** When its own token expires. A newer token of the same `sid` does not prolong it: each socket shows its own. */
  expiresAt: number;
  readonly connection: Connection;
  readonly visibility = new TabVisibility();
  /** Made when it is needed: few tabs ever ask for anything. */
  #pending: Set<PendingRequest> | undefined;
  /** The newest input that it reported and that counts, in engine time. */
  lastInputAt = Number.NEGATIVE_INFINITY;
  /** Whether it has had its first `session`; until then it hears nothing else, but for its end. */
  isOpen = false;
  readonly #socket: TabSocket;
  #isOver = false;

  constructor(socket: TabSocket) {
    const { token, connection } = socket.data;
    const { account, agent, sid } = token.login;
    this.#socket = socket;
    this.#login = { account, agent, sid };
    this.tab = socket.id;
    this.expiresAt = token.expiresAt;
    this.connection = connection;
  }

  /** Whether its last event has been sent, or it has left. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get login(): LoginRef {
    return this.#login;
  }

  get account(): string {
    return this.#login.account;
  }

  get agent(): string {
    return this.#login.agent;
  }

  get sid(): string {
    return this.#login.sid;
  }

  /** Another tab of the same login is open here. */
  joins({ login }: Tab): void {
    this.#login = login;
  }

  /** Whether it is shown, for the engine. */
  change(): TabChange {
    const { visible, since } = this.visibility;
    const { account, agent, sid } = this.#login;
    return { account, agent, sid, tab: this.tab, visible, at: since ?? 0 };
  }

  /** A request is under way. */
  ask(request: PendingRequest): void {
    this.#pending ??= new Set();
    this.#pending.add(request);
  }

  /** It can be answered: false where it was already, or its tab has left. */
  answer(request: PendingRequest): boolean {
    return this.#pending?.delete(request) ?? false;
  }

  session(message: SessionMessage): void {
    if (this.#isReading()) this.#socket.emit('session', message);
  }

  warning(message: WarningMessage): void {
    if (this.#isReading()) this.#socket.emit('warning', message);
  }

  reconnect(afterMs: number): void {
    if (!this.#isOver) this.#socket.emit('reconnect', { afterMs });
  }

  outdated(protocol: string): void {
    if (!this.#isOver) this.#socket.emit('outdated', { protocol });
  }

  /** The session has ended. Nothing comes after it. */
  ended(message: EndedMessage): void {
    if (this.#isOver) return;
    this.connection.holdLast();
    for (const request of this.#pending ?? []) request.end();
    this.#finish(() => this.#socket.emit('ended', message));
  }

  expired(): void {
    this.#finish(() => this.#socket.emit('expired', {}));
  }

  /** Takes it off this node without a word about its session. */
  disconnect(): void {
    this.#finish(() => undefined);
  }

  /** It has left by itself. */
  gone(): void {
    this.#isOver = true;
    this.#pending = undefined;
  }

  /** Whether it is worth telling it anything. One that does not read is cut off. */
  #isReading(): boolean {
    return !this.#isOver && this.connection.checkReading();
  }

  #finish(lastWord: () => void): void {
    if (this.#isOver) return;
    lastWord();
    this.#isOver = true;
    this.#socket.disconnect();
  }
}

/** A `session` or `warning` as it goes out now. */
export function asMessage(view: SessionView, serverTime: number): SessionMessage {
  const { rev, state, lastActivityAt, deadlineAt, endsAt, warnAt, timeoutMs, leadMs, available } = view;
  return { rev, state, lastActivityAt, deadlineAt, endsAt, warnAt, timeoutMs, leadMs, available, serverTime };
}
