import type { Clock } from '../clock.ts';
import type { Engine } from '../engine/engine.ts';
import { DueQueue } from './due-queue.ts';
import type { Tab } from './tab.ts';

/** Sends tabs away whose own token has expired, unless they showed a fresh one in time. */
export class TokenExpiry {
  readonly #due: DueQueue<Tab>;

  constructor({ clock, engine }: { clock: Clock; engine: Pick<Engine, 'now'> }) {
    this.#due = new DueQueue({
      clock,
      now: () => engine.now(),
      run: (due) => {
        for (const tab of due) tab.expired();
      },
    });
  }

  watch(tab: Tab): void {
    this.#due.set(tab, tab.expiresAt);
  }

  /** A fresh token takes the place of the tab's own. */
  renew(tab: Tab, expiresAt: number): void {
    if (tab.isOver) return;
    tab.expiresAt = expiresAt;
    this.watch(tab);
  }

  forget(tab: Tab): void {
    this.#due.delete(tab);
  }

  close(): void {
    this.#due.close();
  }
}
