// Says when the tickets have changed. Asking is no activity: it keeps nobody signed in.
import { call } from './session.js';

const news = /** @type {HTMLElement} */ (document.querySelector('#news'));
const link = /** @type {HTMLAnchorElement} */ (news.querySelector('a'));
const EVERY_MS = 10_000;

const here = new URL(location.href);
here.searchParams.delete('arrived');
link.href = here.pathname + here.search;
history.replaceState(history.state, '', link.href);

async function look() {
  if (document.visibilityState !== 'visible' || !news.hidden) return;
  const response = await call('/desk/pulse').catch(() => null);
  if (!response?.ok) return;
  const { version } = await response.json();
  news.hidden = String(version) === news.dataset.version;
}

setInterval(look, EVERY_MS);
document.addEventListener('visibilitychange', look);
