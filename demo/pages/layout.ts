import { type Fragment, type Html, html } from '../html.ts';
import { COMPANY } from '../people.ts';

export const ASSETS = '/desk/assets';
const STYLES = ['base', 'controls', 'shell', 'tickets', 'ticket', 'pages'];

export interface Frame {
  title: string;
  body: Html;
  /** Module scripts of the page, by their names in demo/public. */
  scripts?: string[];
  /** Class of the body: which of the desk's areas it is. */
  area: 'agent' | 'requester' | 'door';
  /** Read by the page's scripts. */
  data?: Record<string, string>;
}

/** The document around every page. */
export function document({ title, body, scripts = [], area, data = {} }: Frame): string {
  const attributes = Object.entries(data).map(([name, value]) => html` data-${name}="${value}"`);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${COMPANY}</title>
<link rel="icon" href="${ASSETS}/icon.svg" type="image/svg+xml">
${STYLES.map((name) => html`<link rel="stylesheet" href="${ASSETS}/${name}.css">\n`)}${['times.js', ...scripts].map((name) => html`<script type="module" src="${ASSETS}/${name}"></script>\n`)}</head>
<body class="${area}"${attributes}>
${body}
</body>
</html>
`.text;
}

/** A wheel on the water line: the company's mark. */
export const MARK: Html = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
<circle cx="16" cy="14" r="10.5" fill="none" stroke="currentColor" stroke-width="2.5"/>
<path d="M16 3.5v21M5.5 14h21M8.6 6.6l14.8 14.8M23.4 6.6 8.6 21.4" stroke="currentColor" stroke-width="1"/>
<path d="M1 25.5c3.8-3 6.2-3 10 0s6.2 3 10 0 6.2-3 10 0" fill="none" stroke="var(--wave, currentColor)" stroke-width="3" stroke-linecap="round"/>
</svg>`;

/** A moment, as time passed; scripts keep it current and put the reader's own clock and zone on it. */
export function ago(at: number, now: number): Html {
  return html`<time datetime="${iso(at)}" data-ago>${agoText(now - at)}</time>`;
}

/** A moment as the time of day where the reader is (in UTC until the script has run). */
export function clockTime(at: number): Html {
  return html`<time datetime="${iso(at)}" data-clock>${iso(at).slice(11, 16)} UTC</time>`;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

function agoText(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ago`;
  const days = Math.floor(hours / 24);
  return days === 1 ? 'yesterday' : `${days} days ago`;
}

export type Tone = 'info' | 'good' | 'bad';

/** A line above the page's content. Read out when it is there at loading. */
export function notice(tone: Tone, ...content: Fragment[]): Html {
  return html`<div class="notice ${tone}" role="${tone === 'bad' ? 'alert' : 'status'}">${content}</div>`;
}

export function hidden(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}">`;
}
