import type { PageClock } from '../clock.ts';

/** Events that may be input. Whether one is, `createInputFilter` decides. */
export const INPUT_EVENTS = [
  'keydown',
  'pointermove',
  'pointerdown',
  'wheel',
  'touchstart',
  'touchmove',
  'click',
  'beforeinput',
  'paste',
  'drop',
] as const;

/** A key held down makes clicks, pastes and text again and again, each right after a repeated keydown. */
const REPEAT_ECHO_MS = 250;

/** Where the pointer was, in pixels of the screen. */
export type Position = string;

export interface InputFilter {
  isInput(event: Event): boolean;
  /** Where the pointer was last seen. */
  readonly position: Position | null;
}

/**
 * Tells input from what only looks like it: scripted events, a key held down, and pointer moves that browsers make
 * up when the layout shifts, or the page loads, under a resting pointer. Those repeat the position; so a move counts
 * where it differs, on one axis or both. `known`: the position that the page before this one saw last.
 */
export function createInputFilter(clock: PageClock, known: Position | null): InputFilter {
  let position = known;
  let repeatedAt = Number.NEGATIVE_INFINITY;

  const moved = (event: Event): boolean => {
    const { screenX, screenY } = (event as TouchEvent).touches?.[0] ?? (event as PointerEvent);
    const before = position;
    position = `${screenX},${screenY}`;
    return position !== before;
  };

  const isInput = (event: Event): boolean => {
    if (!event.isTrusted) return false;
    switch (event.type) {
      case 'keydown':
        if ((event as KeyboardEvent).repeat) repeatedAt = clock.monotonic();
        return !(event as KeyboardEvent).repeat;
      case 'pointermove':
      case 'touchmove':
        return moved(event);
      case 'pointerdown':
      case 'touchstart':
        moved(event);
        return true;
      case 'wheel':
        return true;
      default:
        // A click by a pointer has a detail of one or more; one by a key or assistive technology has none.
        return (event as UIEvent).detail > 0 || clock.monotonic() - repeatedAt > REPEAT_ECHO_MS;
    }
  };

  return {
    isInput,
    get position() {
      return position;
    },
  };
}
