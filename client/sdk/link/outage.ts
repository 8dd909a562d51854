import { createAlarm, type PageClock } from '../clock.ts';

/** A lost link is no news before the first try to mend it has had its chance. */
const NEWS_AFTER_MS = 2_000;

/** Whether the server can be reached, as people would put it. */
export interface Outage {
  /** Why it cannot; null while it can, or nobody need know yet. */
  readonly code: string | null;
  /** The link was lost, or could not be made. `atOnce`: that is news without waiting. */
  lost(code: string, atOnce: boolean): void;
  /** The server owes us its word; a link that does not bring it by then is dead, whatever it looks like. */
  expectWord(patienceMs: number): void;
  /** The server has spoken, or nobody listens any more. */
  end(): void;
}

export function createOutage(
  clock: PageClock,
  { onSilence, onNews }: { onSilence: () => void; onNews: (code: string) => void },
): Outage {
  const news = createAlarm(clock);
  const silence = createAlarm(clock);
  let latest = '';
  let code: string | null = null;

  const tell = (): void => {
    if (latest === code) return;
    code = latest;
    onNews(code);
  };

  return {
    get code() {
      return code;
    },
    lost(reason, atOnce) {
      silence.clear();
      latest = reason;
      if (atOnce || code !== null) tell();
      else if (!news.armed) news.set(NEWS_AFTER_MS, tell);
    },
    expectWord(patienceMs) {
      if (!silence.armed) silence.set(patienceMs, onSilence);
    },
    end() {
      silence.clear();
      news.clear();
      code = null;
    },
  };
}
