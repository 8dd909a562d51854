import { PROTOCOL_VERSION } from '../../shared/protocol.ts';
import type { Engine, LoginRef } from '../engine/engine.ts';
import type { Turns } from '../turns.ts';
import { type Connection, forgetRequest } from './connection.ts';
import type { SocketCounts } from './counts.ts';
import { isOlderProtocol } from './handshake.ts';
import type { Reports } from './reports.ts';
import { Tab, type TabArrival, type TabSocket } from './tab.ts';
import type { TabEvents } from './tab-events.ts';
import type { TabRegistry } from './tab-registry.ts';
import type { Telling } from './telling.ts';
import type { TokenExpiry } from './token-expiry.ts';

export interface TabLifeOptions {
  engine: Engine;
  registry: TabRegistry;
  telling: Telling;
  reports: Reports;
  events: TabEvents;
  expiry: TokenExpiry;
  turns: Turns;
  counts: SocketCounts;
}

function release(connection: Connection): void {
  connection.release();
}

/** A tab from its connection to its end. */
export class TabLife {
  readonly #options: TabLifeOptions;

  constructor(options: TabLifeOptions) {
    this.#options = options;
  }

  /**
   * A tab with a good token, which opens with its admission. Its agent is known here before the engine is asked, so that
   * no push is lost between its answer and the first `session`.
   */
  expect({ account, agent, sid }: LoginRef, id: string, connection: Connection): TabArrival {
    const { registry } = this.#options;
    // Socket.IO's word that it is connected goes out with the first `session`.
    connection.hold();
    const local = registry.expect(account, agent);
    return {
      tab: id,
      pushes: local.pushes,
      abandon: (admitted) => {
        connection.release();
        registry.expectNoMore(local);
        if (admitted) this.#fileClosed({ login: { account, agent, sid }, tab: id });
      },
    };
  }

  /** It was let in. */
  enter(socket: TabSocket): void {
    const { registry, telling, events, counts } = this.#options;
    const { admission, arrival } = socket.data;
    const tab = new Tab(socket);
    const isOutdated = isOlderProtocol(socket.handshake.auth?.protocol);
    forgetRequest(socket);
    const agent = registry.add(tab);
    registry.expectNoMore(agent);
    counts.sockets('/', 1);
    socket.on('disconnect', () => this.#left(tab));
    // As a middleware that never goes on: nobody else listens to events, and finding that out costs as much as a report.
    socket.use((packet) => events.handle(tab, agent, packet));
    tab.connection.onReport = (idleMs) => events.report(tab, agent, idleMs);
    this.#options.expiry.watch(tab);
    if (isOutdated) tab.outdated(PROTOCOL_VERSION);
    telling.opened(agent, tab, admission.session, arrival.pushes);
    // Engine.IO hands on the second of two packets once the first counts as sent, which is in the next tick.
    process.nextTick(release, tab.connection);
  }

  close(): void {
    this.#options.expiry.close();
  }

  #left(tab: Tab): void {
    const { registry, telling, turns, counts } = this.#options;
    tab.gone();
    tab.connection.onReport = undefined;
    this.#options.expiry.forget(tab);
    const last = registry.remove(tab);
    if (last !== undefined) telling.forget(last);
    this.#fileClosed(tab);
    counts.sockets('/', -1);
    const { connection } = tab;
    connection.leave('/', { closes: true });
    if (!connection.isOpen) return;
    // Closing takes longer than a last word: in a second full of ends, all hear theirs first, and not only with it.
    const isClosing = turns.runLast(() => connection.closeIfUnused());
    if (!isClosing) process.nextTick(release, connection);
  }

  #fileClosed({ login, tab }: { login: LoginRef; tab: string }): void {
    const at = Math.floor(this.#options.engine.now());
    this.#options.reports.tab({ ...login, tab, visible: null, at });
  }
}
