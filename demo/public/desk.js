// What every page of the agents' desk has: availability, the state of the link, the way out.
import { saveEverything, vigil } from './session.js';

const toggle = document.querySelector('#availability');
const makeAvailable = document.querySelector('#make-available');
const linkState = /** @type {HTMLOutputElement} */ (document.querySelector('#link-state'));

/** @param {boolean} available */
function showAvailability(available) {
  toggle?.setAttribute('aria-checked', String(available));
  const label = toggle?.querySelector('.label');
  if (label) label.textContent = available ? 'Available' : 'Unavailable';
  if (available) makeAvailable?.closest('.notice')?.remove();
}

/** @param {boolean} available */
async function setAvailability(available) {
  toggle?.setAttribute('aria-busy', 'true');
  try {
    await vigil.setAvailability(available);
    showAvailability(available);
  } catch (error) {
    say(
      /** @type {{ code?: string }} */ (error).code === 'rate_limited'
        ? 'You changed that often just now. Please wait a minute.'
        : 'That did not get through. Please try again.',
    );
  } finally {
    toggle?.removeAttribute('aria-busy');
  }
}

/** @param {string} text */
function say(text) {
  linkState.textContent = text;
  linkState.hidden = false;
  setTimeout(showLink, 6_000);
}

function showLink() {
  linkState.textContent = 'Reconnecting…';
  linkState.hidden = vigil.state !== 'offline';
}

/** A short gap, as when a node is replaced, is not worth a word. */
const GAP_MS = 2_000;

toggle?.addEventListener('click', () => setAvailability(toggle.getAttribute('aria-checked') !== 'true'));
makeAvailable?.addEventListener('click', () => setAvailability(true));
vigil.on('state', () => setTimeout(showLink, GAP_MS));
vigil.on('session', (/** @type {{ available: boolean | null }} */ { available }) => {
  if (available !== null) showAvailability(available);
});

// Signing out waits for what was typed to be saved: afterwards nobody may save it any more.
document.querySelector('form[action="/logout"]')?.addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  await Promise.race([saveEverything(), new Promise((done) => setTimeout(done, 2_000))]);
  form.submit();
});

// Where the navigation is a strip that scrolls, the current entry should be seen.
document.querySelector('.side [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });

const menu = /** @type {HTMLDetailsElement | null} */ (document.querySelector('.menu'));
document.addEventListener('pointerdown', (event) => {
  if (menu?.open && !menu.contains(/** @type {Node} */ (event.target))) menu.open = false;
});
menu?.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  menu.open = false;
  menu.querySelector('summary')?.focus();
});
