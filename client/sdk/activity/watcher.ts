import type { PageClock } from '../clock.ts';
import { isBridged } from './bridge.ts';
import { attachToFrames } from './frames.ts';
import { createInputFilter, INPUT_EVENTS } from './input.ts';

export interface WatcherOptions {
  clock: PageClock;
  /** Origins of frames that may pass input on. */
  frameOrigins: readonly string[];
  /** Somebody used a key or a pointer in this visible tab. */
  onInput: () => void;
  /** A field changed: something may be worth saving. */
  onEdit: () => void;
  signal: AbortSignal;
}

const STORED_POSITION = 'vigil:pointer';

/** Watches a page and its frames for input. Returns what looks for frames again. */
export function watchActivity(options: WatcherOptions): () => void {
  const { signal, onInput } = options;
  const filter = createInputFilter(options.clock, recall());
  const visible = () => document.visibilityState === 'visible';

  const onEvent = (event: Event): void => {
    if (visible() && filter.isInput(event)) onInput();
  };
  const lookAgain = attachToFrames(window, signal, (frame) => {
    for (const type of INPUT_EVENTS) {
      frame.addEventListener(type, onEvent, { capture: true, passive: true, signal });
    }
    frame.addEventListener('input', options.onEdit, { capture: true, passive: true, signal });
  });

  const onMessage = (event: MessageEvent): void => {
    if (visible() && isBridged(event, options.frameOrigins, window)) onInput();
  };
  addEventListener('message', onMessage, { signal });
  addEventListener('pagehide', () => remember(filter.position), { signal });
  return lookAgain;
}

/** The pointer's position outlives the page: one that reloads itself under a resting pointer sees no move. */
function remember(position: string | null): void {
  try {
    if (position !== null) sessionStorage.setItem(STORED_POSITION, position);
  } catch {
    // Storage is closed to this page.
  }
}

function recall(): string | null {
  try {
    return sessionStorage.getItem(STORED_POSITION);
  } catch {
    return null;
  }
}
