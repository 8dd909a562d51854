import type { ChangesMessage, EndedMessage } from '../../shared/protocol.ts';
import { PresenceFeed, type PresenceFeedOptions } from './presence-feed.ts';
import type { Watcher } from './watcher.ts';
import { cutOff, welcome } from './watching.ts';

export interface WatchedAccountOptions extends Omit<PresenceFeedOptions, 'send'> {
  /** Packets that may wait for one dashboard. */
  backlog: number;
  /** Sends to a room of this node, encoded once for all in it. */
  broadcast: (room: string, message: ChangesMessage) => void;
}

/** An account that somebody watches on this node: its feed, and who watches. */
export class WatchedAccount {
  readonly feed: PresenceFeed;
  readonly watchers = new Set<Watcher>();
  readonly #options: WatchedAccountOptions;

  constructor(options: WatchedAccountOptions) {
    this.#options = options;
    this.feed = new PresenceFeed({ ...options, send: (message) => this.#send(message) });
  }

  /** Shows it to a dashboard that is among the watchers already. */
  show(watcher: Watcher): Promise<void> {
    return welcome({ watcher, feed: this.feed, room: this.#room, ...this.#options });
  }

  /** How many dashboards an agent has open on it. */
  openOf(agent: string): number {
    let open = 0;
    for (const { login } of this.watchers) if (login.agent === agent) open += 1;
    return open;
  }

  end(sids: string[], message: EndedMessage): void {
    for (const watcher of [...this.watchers]) if (sids.includes(watcher.login.sid)) watcher.ended(message);
  }

  /** This login may not watch any more. */
  takeOff(sid: string): void {
    for (const watcher of [...this.watchers]) if (watcher.login.sid === sid) watcher.disconnect();
  }

  get #room(): string {
    return `watch ${this.#options.account}`;
  }

  #send(message: ChangesMessage): void {
    for (const watcher of [...this.watchers]) {
      if (watcher.connection.backlog() > this.#options.backlog) cutOff(watcher);
    }
    this.#options.broadcast(this.#room, message);
  }
}
