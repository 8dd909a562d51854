// Reads and saves the account's policy with Vigil itself, as the agent who is signed in.
import { getToken } from './session.js';

/** @typedef {{ timeoutSeconds: number, rememberMe: { agent: boolean, requester: boolean } }} Settings */
/** @typedef {Settings & { leadSeconds: number, limits: { minSeconds: number, maxSeconds: number }, updatedAt: number | null, updatedBy: string | null }} Policy */

/** @template {HTMLElement} T @param {string} id @returns {T} */
const byId = (id) => /** @type {T} */ (document.getElementById(id));

const form = /** @type {HTMLFormElement} */ (byId('policy'));
const fields = /** @type {HTMLFieldSetElement} */ (byId('policy-fields'));
const message = byId('policy-message');
const conflict = byId('policy-conflict');
const value = /** @type {HTMLInputElement} */ (byId('timeout-value'));
const unit = /** @type {HTMLSelectElement} */ (byId('timeout-unit'));
const error = byId('timeout-error');
const agent = /** @type {HTMLInputElement} */ (byId('remember-agent'));
const requester = /** @type {HTMLInputElement} */ (byId('remember-requester'));
const names = JSON.parse(form.dataset.names ?? '{}');

/** The shortest timeout outside demos and tests. */
const USUAL_MIN_SECONDS = 900;
const UNITS = /** @type {const} */ ([
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
]);

/** @type {Policy | null} */
let policy = null;
let etag = '';

/**
 * @param {'GET' | 'PUT'} method
 * @param {Settings} [settings]
 */
async function ask(method, settings) {
  const response = await fetch('/v1/policy', {
    method,
    cache: 'no-store',
    headers: {
      authorization: `Bearer ${await getToken()}`,
      ...(settings ? { 'content-type': 'application/json', 'if-match': etag } : {}),
    },
    ...(settings ? { body: JSON.stringify(settings) } : {}),
  });
  return { status: response.status, etag: response.headers.get('etag') ?? '', body: await response.json() };
}

/** @param {number} seconds */
function inWords(seconds) {
  const [length, name] = unitOf(seconds);
  const count = seconds / length;
  return `${count.toLocaleString('en')} ${name}${count === 1 ? '' : 's'}`;
}

/** @param {number} seconds */
function unitOf(seconds) {
  return UNITS.find(([length]) => seconds % length === 0 && seconds !== 86_400) ?? UNITS[1];
}

/** @param {'info' | 'good' | 'bad'} tone @param {string} text */
function say(tone, text) {
  message.className = `notice ${tone}`;
  message.textContent = text;
  message.hidden = false;
}

/** @param {Policy} read */
function show(read) {
  policy = read;
  const { limits, rememberMe } = read;
  const seconds = Math.max(read.timeoutSeconds, limits.minSeconds);
  const isDemo = limits.minSeconds < USUAL_MIN_SECONDS;
  const secondsOption = /** @type {HTMLOptionElement} */ (unit.options[0]);
  secondsOption.hidden = secondsOption.disabled = !isDemo;
  byId('demo-timeouts').hidden = !isDemo;
  put(seconds);
  agent.checked = rememberMe.agent;
  requester.checked = rememberMe.requester;
  byId('timeout-range').textContent =
    `Allowed: ${inWords(limits.minSeconds)} to ${inWords(limits.maxSeconds)}.`;
  byId('lead').textContent = inWords(read.leadSeconds);
  byId('policy-changed').textContent = lastChange(read);
  fields.disabled = false;
  form.removeAttribute('aria-busy');
}

/** @param {number} seconds */
function put(seconds) {
  const [length] = unitOf(seconds);
  unit.value = String(length);
  value.value = String(seconds / length);
  judge();
}

/** @param {Policy} read */
function lastChange({ updatedAt, updatedBy }) {
  if (updatedAt === null) return 'Never changed so far.';
  const when = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' }).format(
    updatedAt,
  );
  return `Last changed ${when}${updatedBy === null ? '' : ` by ${names[updatedBy] ?? updatedBy}`}.`;
}

function seconds() {
  return value.valueAsNumber * Number(unit.value);
}

/** Says what is wrong with the timeout while it is typed; true where nothing is. */
function judge() {
  if (policy === null) return false;
  const { minSeconds, maxSeconds } = policy.limits;
  const fits = Number.isInteger(value.valueAsNumber) && seconds() >= minSeconds && seconds() <= maxSeconds;
  error.textContent = fits
    ? ''
    : `The timeout must be from ${inWords(minSeconds)} to ${inWords(maxSeconds)}.`;
  error.hidden = fits;
  value.setAttribute('aria-invalid', String(!fits));
  return fits;
}

async function load() {
  try {
    const answer = await ask('GET');
    if (answer.status !== 200) return say('bad', refusal(answer));
    etag = answer.etag;
    show(answer.body);
    message.hidden = true;
    conflict.hidden = true;
  } catch {
    say('bad', 'The settings can’t be loaded right now. Reload the page to try again.');
  }
}

async function save() {
  conflict.hidden = true;
  if (!judge()) return value.focus();
  fields.disabled = true;
  try {
    const answer = await ask('PUT', {
      timeoutSeconds: seconds(),
      rememberMe: { agent: agent.checked, requester: requester.checked },
    });
    if (answer.status === 200) {
      etag = answer.etag;
      show(answer.body);
      say('good', 'Saved. It is in force now, for everyone who is signed in.');
    } else if (answer.status === 412) await showConflict();
    else say('bad', refusal(answer));
  } catch {
    say('bad', 'That did not get through, so it is not known to be saved. Please try again.');
  } finally {
    fields.disabled = false;
  }
}

/** Somebody else saved meanwhile: nothing is overwritten without being seen. */
async function showConflict() {
  const { status, body, etag: current } = await ask('GET');
  if (status !== 200)
    return say('bad', 'Somebody else has changed these settings meanwhile. Reload the page.');
  const who = names[body.updatedBy] ?? body.updatedBy ?? 'Somebody';
  const remember = (/** @type {boolean} */ on) => (on ? 'on' : 'off');
  const text = conflict.querySelector('p');
  if (text)
    text.textContent = `${who} has changed these settings meanwhile: timeout ${inWords(body.timeoutSeconds)}, remember me ${remember(body.rememberMe.agent)} for agents and ${remember(body.rememberMe.requester)} for customers. Yours are not saved.`;
  message.hidden = true;
  conflict.hidden = false;
  byId('take-theirs').onclick = load;
  byId('keep-mine').onclick = () => {
    etag = current;
    save();
  };
}

/** @param {{ status: number, body: { code?: string, detail?: string } }} answer */
function refusal({ status, body }) {
  if (status === 403) return 'You may not change these settings any more.';
  if (status === 503) return 'Vigil can’t be reached right now. Nothing was changed.';
  return `Not saved: ${body.detail ?? body.code ?? `the server answered ${status}`}`;
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  save();
});
form.addEventListener('input', judge);
for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (
  byId('demo-timeouts').querySelectorAll('button')
)) {
  button.addEventListener('click', () => {
    put(Number(button.dataset.seconds));
    byId('policy-save').focus();
  });
}
load();
