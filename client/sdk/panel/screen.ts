import type { ConnectOptions } from '../api.ts';
import { createAttention } from './attention.ts';
import { isSpoken, secondsLeft } from './countdown.ts';
import { guardPage } from './guard.ts';
import { createPanel } from './panel.ts';
import { clockTime, spokenTime, type Texts } from './texts.ts';

const URGENT_SECONDS = 10;

export interface Moment {
  endsAt: number;
  now: number;
  leadMs: number;
  up: boolean;
}

export interface ScreenOptions extends Pick<ConnectOptions, 'theme' | 'notify' | 'sound' | 'warning'> {
  words: Texts;
  /** Tries to connect at once. */
  onRetry: () => void;
  signal: AbortSignal;
}

/** All that the SDK shows to people. Each call may be repeated; it shows what was asked for last. */
export interface Screen {
  /** The page as it is. */
  clear(): void;
  /** The warning: the dialog, the tab's title, and what else draws eyes to a hidden tab. */
  warn(moment: Moment): void;
  /** The button of the warning: somebody is there, and the server has (not) answered yet. */
  staying(unconfirmed: boolean): void;
  /** Hides the page. `replaced`: because somebody has signed in anew, not because nothing is known. */
  cover(replaced: boolean): void;
  /** Hides the page for good. */
  end(reason: string): void;
}

export function createScreen({ words, onRetry, signal, ...options }: ScreenOptions): Screen {
  const panel = createPanel(words, options.theme ?? 'auto');
  const attention = createAttention(options.notify ?? false, options.sound ?? false);
  let before: number | null = null;
  guardPage(() => panel.shown?.kind ?? null, signal);

  const settle = (): void => {
    before = null;
    attention.stop();
  };

  return {
    clear() {
      settle();
      panel.hide();
    },
    warn({ endsAt, now, leadMs, up }) {
      if (options.warning === false) return panel.hide();
      if (before === null) {
        panel.show({
          kind: 'warning',
          title: words.warningTitle,
          text: words.warningText,
          button: words.stay,
        });
      }
      panel.keep();
      const left = secondsLeft(endsAt, now);
      const sentence = words.timeLeft.replace('{time}', spokenTime(left, words.lang));
      panel.count(clockTime(left), (left * 1000) / leadMs, left <= URGENT_SECONDS);
      panel.hint(up ? words.hint : words.reconnecting);
      if (isSpoken(left, before)) panel.say(sentence);
      before = left;
      attention.title(words.tabTitle.replace('{time}', clockTime(left)));
      attention.hidden(document.visibilityState === 'hidden', words.warningTitle, sentence);
    },
    staying(unconfirmed) {
      if (panel.shown?.kind === 'warning') panel.button(unconfirmed ? words.staying : words.stay);
    },
    cover(replaced) {
      settle();
      const text = replaced ? words.replacedText : words.coverText;
      if (panel.shown?.text === text) return panel.keep();
      const button = replaced ? words.reload : words.retry;
      const onClick = replaced ? () => location.reload() : onRetry;
      panel.show({ kind: 'cover', title: words.coverTitle, text, button, onClick });
    },
    end(reason) {
      settle();
      const text = { timeout: words.endedTimeout, admin: words.endedAdmin }[reason] ?? '';
      panel.show({ kind: 'ended', title: words.endedTitle, text, button: null });
    },
  };
}
