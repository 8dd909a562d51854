import type { PanelKind } from './panel.ts';

/**
 * Keeps the input that dismisses a warning from acting on the page beneath: the key until it is let go, the press
 * of a pointer until its click. It must listen before the host does, so it is set up when the client starts.
 */
export function guardPage(shown: () => PanelKind | null, signal: AbortSignal): void {
  const heldKeys = new Set<string>();
  let pressed = false;

  const swallow = (event: Event): void => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (!event.isTrusted) return;
    const kind = shown();
    const { type, code } = event;
    const held = heldKeys.has(code) && (event.repeat || type === 'keyup');
    if (kind === 'warning' && type === 'keydown') heldKeys.add(code);
    else if (!held || type === 'keyup') heldKeys.delete(code);
    if (kind === 'warning' || held) swallow(event);
    // Over a hidden page keys work our button, and nothing else.
    else if (kind !== null) event.stopImmediatePropagation();
  };
  const onPointer = (event: Event): void => {
    if (!event.isTrusted) return;
    if (event.type === 'pointerdown') pressed = shown() === 'warning';
    else if (pressed) {
      pressed = false;
      swallow(event);
    }
  };

  const options = { capture: true, signal };
  addEventListener('keydown', onKey, options);
  addEventListener('keypress', onKey as EventListener, options);
  addEventListener('keyup', onKey, options);
  addEventListener('pointerdown', onPointer, options);
  addEventListener('click', onPointer, options);
}
