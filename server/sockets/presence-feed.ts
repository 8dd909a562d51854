import type { PresenceDisplay } from '../../shared/presence.ts';
import type { ChangesMessage } from '../../shared/protocol.ts';
import type { Clock } from '../clock.ts';
import { type Engine, EngineUnavailable } from '../engine/engine.ts';
import type { SocketLog } from './counts.ts';
import { PresenceRows } from './presence-rows.ts';

/** From one message of changes to the next, and from one look at the engine to the next. */
export const PACE_MS = 1_000;
/** Between two looks where hints come in and there turns out to be no news. */
const MIN_PACE_MS = 100;
/** Rows in one message; more follow in the next. */
export const MAX_ROWS = 2_500;

export interface PresenceFeedOptions {
  account: string;
  engine: Engine;
  clock: Clock;
  display: PresenceDisplay;
  log: SocketLog;
  /** To everybody who watches this account here. */
  send: (message: ChangesMessage) => void;
}

/** Reads what changed in an account, once a second, for all who watch it on this node. */
export class PresenceFeed {
  readonly rows: PresenceRows;
  /** Resolves when the rows have been read for the first time. */
  readonly ready: Promise<void>;
  readonly #options: PresenceFeedOptions;
  #cursor: string | null = null;
  #isReady: () => void = () => {};
  #isReading = false;
  /** A hint came in while reading: what was read may not hold it. */
  #isHinted = false;
  #isClosed = false;
  #sentAt = Number.NEGATIVE_INFINITY;
  #readAt = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;
  #wakesAt = Number.POSITIVE_INFINITY;

  constructor(options: PresenceFeedOptions) {
    const { clock, engine, display } = options;
    this.#options = options;
    this.ready = new Promise((resolve) => {
      this.#isReady = resolve;
    });
    this.rows = new PresenceRows({ clock, display, now: () => engine.now(), onDue: () => this.hint() });
    void this.#read();
  }

  /** Something has changed: look now, where the last message is a second ago, else as soon as it is. */
  hint(delayMs = 0): void {
    const { clock } = this.#options;
    this.#wakeAt(Math.max(this.#sentAt + PACE_MS, this.#readAt + MIN_PACE_MS, clock.monotonic() + delayMs));
  }

  /** Somebody was told changes of their own: the next for all come a second later. */
  told(): void {
    this.#sentAt = this.#options.clock.monotonic();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
    this.rows.close();
  }

  #wakeAt(moment: number): void {
    if (this.#isClosed || moment >= this.#wakesAt) return;
    const { clock } = this.#options;
    this.#cancel?.();
    this.#wakesAt = moment;
    this.#cancel = clock.after(Math.max(0, Math.ceil(moment - clock.monotonic())), () => {
      this.#wakesAt = Number.POSITIVE_INFINITY;
      void this.#read();
    });
  }

  async #read(): Promise<void> {
    if (this.#isClosed) return;
    if (this.#isReading) {
      this.#isHinted = true;
      return;
    }
    this.#isReading = true;
    this.#isHinted = false;
    const { clock, engine, account, log } = this.#options;
    this.#readAt = clock.monotonic();
    try {
      const changes = await engine.changes(account, this.#cursor);
      await this.rows.apply(changes);
      if (this.#isClosed) return;
      // Whoever comes first is shown all rows anyway.
      if (this.#cursor === null) this.rows.takeNews(Number.POSITIVE_INFINITY);
      this.#cursor = changes.cursor;
      this.#isReady();
      this.#tell();
    } catch (error) {
      if (!(error instanceof EngineUnavailable)) log.error({ err: error }, 'presence could not be read');
    }
    this.#isReading = false;
    this.#wakeAt(Math.max(this.#readAt, this.#sentAt) + PACE_MS);
    if (this.#isHinted) this.hint();
  }

  #tell(): void {
    const { clock, engine, send } = this.#options;
    // Somebody was told in between: what is news stays news for the next look.
    if (!this.rows.hasNews || clock.monotonic() < this.#sentAt + PACE_MS || this.#isClosed) return;
    this.#sentAt = clock.monotonic();
    const { counts } = this.rows;
    send({ ...this.rows.takeNews(MAX_ROWS), counts: { ...counts }, serverTime: Math.floor(engine.now()) });
  }
}
