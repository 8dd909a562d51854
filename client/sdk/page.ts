import type { FocusReport } from '../../shared/protocol.ts';
import { elapsedSince, type Mark, markNow, type PageClock } from './clock.ts';

export const isVisible = () => document.visibilityState === 'visible';

export interface PageHandlers {
  /** Shown, hidden, focused or blurred. */
  focus(): void;
  /** About to be hidden, frozen or left: the last moment to send. */
  flush(): void;
  /** A good moment to connect: shown again, thawed, back on the network. */
  wake(): void;
  /** Into the back-forward cache, or out of it. */
  shelve(): void;
  unshelve(): void;
}

/** What happens to the page as a whole. */
export function watchPage(handlers: PageHandlers, signal: AbortSignal): void {
  const on = (target: EventTarget, type: string, run: (event: Event) => void) =>
    target.addEventListener(type, run, { signal });

  on(document, 'visibilitychange', () => {
    if (isVisible()) handlers.wake();
    else handlers.flush();
    handlers.focus();
  });
  on(window, 'focus', handlers.focus);
  on(window, 'blur', handlers.focus);
  on(window, 'online', handlers.wake);
  on(document, 'freeze', handlers.flush);
  on(document, 'resume', handlers.wake);
  on(window, 'pagehide', (event) => {
    handlers.flush();
    if ((event as PageTransitionEvent).persisted) handlers.shelve();
  });
  on(window, 'pageshow', (event) => {
    if ((event as PageTransitionEvent).persisted) handlers.unshelve();
  });
}

export interface FocusTracker {
  /** What the server is to know now. */
  report(): FocusReport;
  /** Looks again; true where something changed. */
  changed(): boolean;
}

/** Whether the page can be seen and has the focus, and since when. */
export function createFocusTracker(clock: PageClock): FocusTracker {
  let visible = false;
  let focused = false;
  let since: Mark = markNow(clock);

  const changed = (): boolean => {
    const before = { visible, focused };
    visible = isVisible();
    focused = document.hasFocus();
    // Of a hidden page it matters when it was hidden; a blur that comes after changes nothing about that.
    if (visible !== before.visible || (visible && focused !== before.focused)) since = markNow(clock);
    return visible !== before.visible || focused !== before.focused;
  };
  changed();

  return { changed, report: () => ({ visible, focused, sinceMs: Math.floor(elapsedSince(clock, since)) }) };
}
