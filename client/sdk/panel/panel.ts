import { element, styleSheet } from './element.ts';
import { PAGE_CSS, PANEL_CSS } from './styles.ts';
import type { Texts } from './texts.ts';

export type PanelKind = 'warning' | 'cover' | 'ended';

export interface PanelContent {
  kind: PanelKind;
  title: string;
  text: string;
  button: string | null;
  onClick?: () => void;
}

/** One modal dialog in a shadow root: the warning, and what hides the page. */
export interface Panel {
  readonly shown: PanelContent | null;
  show(content: PanelContent): void;
  /** What is left, of how much: the ring and the digits. */
  count(digits: string, share: number, urgent: boolean): void;
  hint(text: string): void;
  button(text: string): void;
  /** Has assistive technology say something at once. */
  say(text: string): void;
  /** Puts back what is shown, if a script of the page has removed it. */
  keep(): void;
  hide(): void;
}

export function createPanel(texts: Texts, theme: string): Panel {
  const digits = element('span', { class: 'time', part: 'countdown', role: 'timer' });
  const bar = element('circle', {
    class: 'bar',
    cx: '60',
    cy: '60',
    r: '56',
    pathLength: '1',
    'stroke-dasharray': '1 1',
  });
  const track = element('circle', { class: 'track', cx: '60', cy: '60', r: '56' });
  const ring = element(
    'div',
    { class: 'ring' },
    element('svg', { viewBox: '0 0 120 120', 'aria-hidden': 'true' }, track, bar),
    digits,
  );
  const lock = element(
    'svg',
    { class: 'lock', part: 'icon', viewBox: '0 0 24 24', 'aria-hidden': 'true' },
    element('path', { d: 'M5 11h14v10H5zM8 11V7a4 4 0 0 1 8 0v4' }),
  );
  const title = element('div', { class: 'title', id: 'title', part: 'title' });
  const text = element('p', { class: 'text', id: 'text', part: 'text' });
  // The only thing in the dialog that takes the focus, so it gets it: with `autofocus`, Chromium complains in frames.
  const button = element('button', { type: 'button', part: 'button' });
  const hint = element('p', { class: 'hint', part: 'hint' });
  const live = element('div', { class: 'live', 'aria-live': 'assertive' });
  const dialog = element(
    'dialog',
    {
      part: 'dialog',
      role: 'alertdialog',
      'aria-labelledby': 'title',
      'aria-describedby': 'text',
      lang: texts.lang,
      dir: texts.dir,
    },
    ...[ring, lock, title, text, button, hint, live],
  ) as HTMLDialogElement;

  const host = element('vigil-panel', { theme });
  const root = host.attachShadow({ mode: 'open' });
  root.adoptedStyleSheets = [styleSheet(PANEL_CSS)];
  root.append(dialog);
  const pageSheet = styleSheet(PAGE_CSS);

  let shown: PanelContent | null = null;

  const hidePage = (hidden: boolean): void => {
    const others = [...document.adoptedStyleSheets].filter((sheet) => sheet !== pageSheet);
    document.adoptedStyleSheets = hidden ? [...others, pageSheet] : others;
  };
  const open = (): void => {
    // Beside the body, so that what hides the body leaves it alone.
    if (!host.isConnected) {
      document.documentElement.append(host);
      // Somebody had taken it out; out of the page it is open in name only.
      dialog.removeAttribute('open');
    }
    if (!dialog.open) dialog.showModal();
  };

  button.addEventListener('click', () => shown?.onClick?.());
  // A close request is input; whether the dialog goes is for the server to say.
  dialog.addEventListener('cancel', (event) => event.preventDefault());
  dialog.addEventListener('close', () => {
    if (shown) open();
  });

  return {
    get shown() {
      return shown;
    },
    show(content) {
      const hiding = content.kind !== 'warning';
      if (shown?.kind !== content.kind) close();
      shown = content;
      dialog.className = hiding ? 'hiding' : '';
      ring.hidden = hiding;
      lock.toggleAttribute('hidden', !hiding);
      title.textContent = content.title;
      text.textContent = content.text;
      button.hidden = content.button === null;
      button.textContent = content.button;
      hint.textContent = live.textContent = '';
      hidePage(hiding);
      open();
    },
    count(left, share, urgent) {
      digits.textContent = left;
      bar.setAttribute('stroke-dashoffset', String(1 - Math.min(1, Math.max(0, share))));
      ring.classList.toggle('urgent', urgent);
    },
    hint(line) {
      if (hint.textContent !== line) hint.textContent = line;
    },
    button(label) {
      button.textContent = label;
    },
    say(line) {
      live.textContent = line;
    },
    keep() {
      if (shown) open();
    },
    hide: close,
  };

  function close(): void {
    if (shown === null) return;
    shown = null;
    // First the page, then the focus: what is hidden cannot be given the focus back.
    hidePage(false);
    dialog.close();
    host.remove();
  }
}
