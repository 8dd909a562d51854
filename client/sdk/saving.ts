import type { BeforeEnd, ConnectOptions } from './api.ts';
import type { PageClock } from './clock.ts';
import { bounded } from './link/bounded.ts';

/** How long leaving the page waits for the host to have saved. */
const PATIENCE_MS = 5_000;

/** The host's last word before an end. */
export interface Saving {
  /** Something was typed that the host has not been asked to save. */
  readonly edited: boolean;
  edit(): void;
  ask(info: BeforeEnd): void;
  /** Resolves when what was asked is done, or has taken too long. Never rejects. */
  settled(): Promise<void>;
}

export function createSaving(clock: PageClock, onBeforeEnd: ConnectOptions['onBeforeEnd']): Saving {
  let edited = false;
  let pending: Promise<unknown> = Promise.resolve();
  return {
    get edited() {
      return edited;
    },
    edit() {
      edited = true;
    },
    ask(info) {
      edited = false;
      const saved = Promise.resolve(info).then(onBeforeEnd).catch(reportError);
      pending = Promise.all([pending, saved]);
    },
    async settled() {
      await bounded(clock, pending, PATIENCE_MS, null);
    },
  };
}
