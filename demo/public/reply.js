// Keeps the reply that is being written on the desk's server, for this agent alone.
import { beforeEnd, call } from './session.js';

const form = /** @type {HTMLFormElement} */ (document.querySelector('#reply'));
const field = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem('text'));
const state = /** @type {HTMLOutputElement} */ (document.querySelector('#draft-state'));
const path = `/desk/tickets/${form.dataset.ticket}/draft`;

const PAUSE_MS = 800;
const RETRY_MS = 4_000;
/** Browsers let requests of up to 64 kB outlive their page; a character takes up to three bytes. */
const OUTLIVES_PAGE = 20_000;

let saved = field.value;
let sent = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** @type {Promise<void>} */
let saving = Promise.resolve();

/** One save at a time, so that an older text never arrives after a newer one. */
function save() {
  clearTimeout(timer);
  saving = saving.then(saveOnce);
  return saving;
}

async function saveOnce() {
  const text = field.value;
  if (sent || text === saved) return;
  const response = await put(text).catch(() => null);
  if (response?.ok) {
    saved = text;
    state.textContent = text.trim() === '' ? '' : 'Draft saved';
  } else if (response?.status !== 401 && response?.status !== 409) {
    state.textContent = 'Draft not saved yet';
    timer = setTimeout(save, RETRY_MS);
  }
}

/** @param {string} text */
function put(text) {
  const body = JSON.stringify({ text });
  return call(path, { method: 'PUT', keepalive: body.length < OUTLIVES_PAGE, body });
}

field.addEventListener('input', () => {
  state.textContent = '';
  clearTimeout(timer);
  timer = setTimeout(save, PAUSE_MS);
});
field.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') save();
});
// Who clicks on a link leaves the field first: so the page behind the link knows of the draft.
field.addEventListener('blur', save);
addEventListener('pagehide', save);
beforeEnd(save);

// Sending drops the draft; one that is still on its way must not come after.
form.addEventListener('submit', (event) => {
  if (sent) return;
  event.preventDefault();
  const { submitter } = event;
  sent = true;
  clearTimeout(timer);
  // In a task of its own: a form that is being submitted cannot be submitted.
  saving.finally(() => setTimeout(() => form.requestSubmit(submitter)));
});
// Back in this page, by the back button or because sending failed: it may be sent again.
addEventListener('pageshow', () => {
  sent = false;
});
