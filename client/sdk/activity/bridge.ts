import { type PageClock, pageClock } from '../clock.ts';
import { attachToFrames } from './frames.ts';
import { createInputFilter, INPUT_EVENTS } from './input.ts';

/** What a frame of another origin posts to the page around it. It says that there was input, and nothing about it. */
const MESSAGE = 'vigil:input';
const AT_MOST_EVERY_MS = 250;

export interface BridgeOptions {
  /** Origin of the page around the frame, which runs the SDK: `https://desk.example`. Nobody else is told. */
  to: string;
  /** The window that runs the SDK; `window.parent` by default. */
  target?: Window;
}

/**
 * For the inside of a frame of another origin: passes on to the page around it that there was input in here.
 * The page must name this frame's origin in its `frameOrigins`. Returns what stops it.
 */
export function bridge(options: BridgeOptions, clock: PageClock = pageClock): () => void {
  const to = new URL(options.to).origin;
  const target = options.target ?? window.parent;
  const stop = new AbortController();
  const filter = createInputFilter(clock, null);
  let sentAt = Number.NEGATIVE_INFINITY;

  const onEvent = (event: Event): void => {
    if (document.visibilityState !== 'visible' || !filter.isInput(event)) return;
    if (clock.monotonic() - sentAt < AT_MOST_EVERY_MS) return;
    sentAt = clock.monotonic();
    target.postMessage(MESSAGE, to);
  };
  attachToFrames(window, stop.signal, (frame) => {
    for (const type of INPUT_EVENTS) {
      frame.addEventListener(type, onEvent, { capture: true, passive: true, signal: stop.signal });
    }
  });
  return () => stop.abort();
}

/** Whether a message is input passed on by a frame inside `top`, from an origin that the host names. */
export function isBridged(event: MessageEvent, origins: readonly string[], top: Window): boolean {
  return event.data === MESSAGE && origins.includes(event.origin) && isInside(event.source, top);
}

function isInside(source: MessageEventSource | null, top: Window): boolean {
  let frame = source as Window | null;
  while (frame && frame.parent !== frame) {
    frame = frame.parent;
    if (frame === top) return true;
  }
  return false;
}
