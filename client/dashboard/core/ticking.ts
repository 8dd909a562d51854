import { type ReadonlySignal, signal } from '@preact/signals';

/** The server's time as a signal that moves once a second, so that everything on the page counts together. */
export function createTicking(now: () => number, window: Window): ReadonlySignal<number> {
  const ticking = signal(now());
  const tick = (): void => {
    ticking.value = now();
    window.setTimeout(tick, 1_000 - (Date.now() % 1_000));
  };
  tick();
  // Hidden pages tick late: what is shown again is right at once.
  window.document.addEventListener('visibilitychange', () => {
    ticking.value = now();
  });
  return ticking;
}
