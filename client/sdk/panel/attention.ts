import { element } from './element.ts';

/** Draws eyes to a tab that nobody looks at: its title counts, its icon wears a badge, and what else the host turns on. */
export interface Attention {
  /** The title while the warning is there. */
  title(text: string): void;
  /** Call whenever the tab is shown or hidden, and when the warning comes. */
  hidden(isHidden: boolean, title: string, text: string): void;
  stop(): void;
}

/**
 * `notify`: show a notification, where the page has the permission; asking for it is the host's.
 * `sound`: a short tone (`true`), or the address of a sound.
 */
export function createAttention(notify: boolean, sound: boolean | string): Attention {
  let own: string | null = null;
  let original = '';
  let takeBadgeOff: (() => void) | null = null;
  let notification: Notification | null = null;
  let called = false;

  const quiet = (): void => {
    takeBadgeOff?.();
    takeBadgeOff = null;
    notification?.close();
    notification = null;
  };

  return {
    title(text) {
      // The host may have set another one meanwhile; then that is what it gets back.
      if (document.title !== own) original = document.title;
      own = document.title = text;
    },
    hidden(isHidden, title, text) {
      if (!isHidden) return quiet();
      takeBadgeOff ??= putBadgeOn();
      if (called) return;
      called = true;
      if (notify) notification = showNotification(title, text);
      if (sound !== false) void playSound(sound);
    },
    stop() {
      quiet();
      called = false;
      if (own !== null && document.title === own) document.title = original;
      own = null;
    },
  };
}

function putBadgeOn(): () => void {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 32;
  const paint = canvas.getContext('2d');
  if (!paint) return () => {};
  paint.fillStyle = '#dc2626';
  paint.arc(16, 16, 16, 0, 7);
  paint.fill();
  paint.fillStyle = '#fff';
  paint.fillRect(13, 6, 6, 13);
  paint.fillRect(13, 22, 6, 5);
  const badge = element('link', { rel: 'icon', href: canvas.toDataURL() });
  const icons = [...document.querySelectorAll<HTMLLinkElement>('link[rel~=icon]')].map((link) => ({
    link,
    rel: link.rel,
  }));
  for (const { link } of icons) link.rel = 'vigil-icon';
  document.head.append(badge);
  return () => {
    badge.remove();
    for (const { link, rel } of icons) link.rel = rel;
  };
}

function showNotification(title: string, body: string): Notification | null {
  try {
    if (Notification.permission !== 'granted') return null;
    // The same tag: of several hidden tabs only one is seen.
    const shown = new Notification(title, { body, tag: 'vigil', requireInteraction: true });
    shown.onclick = () => {
      window.focus();
      shown.close();
    };
    return shown;
  } catch {
    // Some phones have the class and forbid its use.
    return null;
  }
}

/** One tab of the origin sounds for all of them. Browsers refuse a page that nobody has used yet. */
async function playSound(sound: true | string): Promise<void> {
  try {
    await navigator.locks.request('vigil-sound', { ifAvailable: true }, async (lock) => {
      if (lock === null) return;
      await (sound === true ? tone() : new Audio(sound).play());
      await new Promise((resolve) => setTimeout(resolve, 3_000));
    });
  } catch {
    // A warning is a warning without its sound.
  }
}

async function tone(): Promise<void> {
  const audio = new AudioContext();
  const [oscillator, volume] = [audio.createOscillator(), audio.createGain()];
  oscillator.frequency.value = 660;
  volume.gain.setValueAtTime(0.12, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.7);
  oscillator.connect(volume).connect(audio.destination);
  oscillator.onended = () => void audio.close();
  oscillator.start();
  oscillator.stop(audio.currentTime + 0.7);
}
