import { PROTOCOL_VERSION } from '../../shared/protocol.ts';
import type { Clock } from '../clock.ts';
import { type Engine, EngineUnavailable } from '../engine/engine.ts';
import { forgetRequest } from './connection.ts';
import type { SocketCounts, SocketLog } from './counts.ts';
import { isOlderProtocol } from './handshake.ts';
import type { Reports } from './reports.ts';
import { Tab, type TabSocket } from './tab.ts';
import type { TabEvents } from './tab-events.ts';
import type { LocalAgent, TabRegistry } from './tab-registry.ts';
import type { Telling } from './telling.ts';
import type { TokenExpiry } from './token-expiry.ts';

const RETRY_MS = 1_000;

export interface TabLifeOptions {
  engine: Engine;
  registry: TabRegistry;
  telling: Telling;
  reports: Reports;
  events: TabEvents;
  expiry: TokenExpiry;
  clock: Clock;
  counts: SocketCounts;
  log: SocketLog;
}

/** A tab from its connection to its end. */
export class TabLife {
  readonly #options: TabLifeOptions;
  /** Those that the engine could not file yet. */
  readonly #unfiled = new Set<Tab>();
  #cancelRetry: (() => void) | undefined;

  constructor(options: TabLifeOptions) {
    this.#options = options;
  }

  /**
   * A socket that was let in. It is known here before the engine is asked, so that no push is lost between its answer
   * and the first `session`.
   */
  enter(socket: TabSocket): void {
    const { registry, events, counts } = this.#options;
    const tab = new Tab(socket);
    const isOutdated = isOlderProtocol(socket.handshake.auth?.protocol);
    forgetRequest(socket);
    const agent = registry.add(tab);
    counts.sockets('/', 1);
    socket.on('disconnect', () => this.#left(tab));
    // As a middleware that never goes on: nobody else listens to events, and finding that out costs as much as a report.
    socket.use((packet) => events.handle(tab, agent, packet));
    this.#options.expiry.watch(tab);
    if (isOutdated) tab.outdated(PROTOCOL_VERSION);
    void this.#open(tab, agent);
  }

  /** Tries those again that could not be filed. */
  reopen(): void {
    const unfiled = [...this.#unfiled];
    this.#unfiled.clear();
    for (const tab of unfiled) {
      const agent = this.#options.registry.find(tab.account, tab.agent);
      if (!tab.isOver && agent !== undefined) void this.#open(tab, agent);
    }
  }

  close(): void {
    this.#options.expiry.close();
    this.#cancelRetry?.();
  }

  async #open(tab: Tab, agent: LocalAgent): Promise<void> {
    const { pushes } = agent;
    try {
      const answer = await this.#options.engine.openTab({ ...tab.login, tab: tab.tab });
      tab.isFiled = true;
      // It left meanwhile.
      if (tab.isOver) this.#fileClosed(tab);
      else if (answer.state === 'ended' && answer.reason === 'lost') this.#sendAway(tab);
      else if (answer.state === 'ended') this.#options.telling.foundEnded(agent, tab, answer);
      else {
        if (tab.visibility.since !== null) this.#options.reports.tab(tab.change());
        this.#options.telling.opened(agent, tab, answer, pushes);
      }
    } catch (error) {
      this.#couldNotOpen(tab, error);
    } finally {
      tab.connection.release();
    }
  }

  /** Let in a moment ago, and unknown now: its login was lost since. With its token it may begin again, or is told why not. */
  #sendAway(tab: Tab): void {
    tab.reconnect(0);
    tab.disconnect();
  }

  #couldNotOpen(tab: Tab, error: unknown): void {
    if (!(error instanceof EngineUnavailable))
      this.#options.log.error({ err: error }, 'a tab could not be opened');
    // Nobody knows how far the engine got.
    if (tab.isOver) this.#fileClosed(tab);
    else this.#retry(tab);
  }

  #retry(tab: Tab): void {
    this.#unfiled.add(tab);
    this.#cancelRetry ??= this.#options.clock.after(RETRY_MS, () => {
      this.#cancelRetry = undefined;
      this.reopen();
    });
  }

  #left(tab: Tab): void {
    const { registry, telling, counts } = this.#options;
    tab.gone();
    this.#options.expiry.forget(tab);
    this.#unfiled.delete(tab);
    const last = registry.remove(tab);
    if (last !== undefined) telling.forget(last);
    if (tab.isFiled) this.#fileClosed(tab);
    tab.connection.leave('/');
    tab.connection.closeIfUnused();
    counts.sockets('/', -1);
  }

  #fileClosed({ login, tab }: Tab): void {
    const at = Math.floor(this.#options.engine.now());
    this.#options.reports.tab({ ...login, tab, visible: null, at });
  }
}
