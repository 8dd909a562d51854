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

/** Clicks, pastes and text that come so soon after a key or a press come from it: counted, or held down and not to count. */
const ECHO_MS = 250;
const MOVE_EVERY_MS = 50;

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
  let [x, y] = known?.split(',').map(Number) ?? [];
  let causedAt = Number.NEGATIVE_INFINITY;
  let movedAt = Number.NEGATIVE_INFINITY;

  const moved = (event: Event): boolean => {
    const { screenX, screenY } = (event as TouchEvent).touches?.[0] ?? (event as PointerEvent);
    const differs = screenX !== x || screenY !== y;
    x = screenX;
    y = screenY;
    return differs;
  };

  /** Of a pointer that moves on and on, a few moves a second say all there is to say. */
  const isSooner = ({ timeStamp }: Event): boolean => {
    const soon = Math.abs(timeStamp - movedAt) < MOVE_EVERY_MS;
    if (!soon) movedAt = timeStamp;
    return soon;
  };

  const isInput = (event: Event): boolean => {
    if (!event.isTrusted) return false;
    switch (event.type) {
      case 'keydown':
        causedAt = clock.monotonic();
        return !(event as KeyboardEvent).repeat;
      case 'pointermove':
      case 'touchmove':
        return moved(event) && !isSooner(event);
      case 'pointerdown':
      case 'touchstart':
        moved(event);
        causedAt = clock.monotonic();
        return true;
      case 'wheel':
        return true;
      default:
        return clock.monotonic() - causedAt > ECHO_MS;
    }
  };

  return {
    isInput,
    get position() {
      return x === undefined ? null : `${x},${y}`;
    },
  };
}
