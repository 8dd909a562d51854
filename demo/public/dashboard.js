// Hands Vigil's dashboard, in its frame, the token of whoever is signed in here, whenever it asks.
import { getToken } from './session.js';

const frame = /** @type {HTMLIFrameElement} */ (document.querySelector('#vigil'));
const ASKING = ['vigil:ready', 'vigil:token-please'];

addEventListener('message', async (event) => {
  // To nobody but the frame that this page made, and only while it shows the page that it was made for.
  if (event.source !== frame.contentWindow || event.origin !== location.origin) return;
  if (!ASKING.includes(event.data?.type)) return;
  try {
    const token = await getToken();
    // The warning is on this page already; two of them would compete for the focus.
    const answer = { type: 'vigil:token', token, hostWarns: true };
    frame.contentWindow?.postMessage(answer, location.origin);
  } catch {
    // The desk cannot be reached; the dashboard asks again.
  }
});
