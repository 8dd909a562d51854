// Vigil in the desk's pages: the whole integration is this `connect` and the `getToken` above it.
import { connect } from '/vigil.mjs';

const formToken = document.body.dataset.form ?? '';
/** @type {Set<() => Promise<void>>} */
const lastWords = new Set();

/**
 * Calls the desk's own server in the name of the login that this page was made for.
 * @param {string} path
 * @param {RequestInit} [init]
 */
export function call(path, init = {}) {
  const headers = { 'content-type': 'application/json', 'x-desk-form': formToken };
  return fetch(path, { cache: 'no-store', ...init, headers });
}

/** A fresh token for this login; null where it is over, or another one has taken its place. */
export async function getToken() {
  const response = await call('/desk/token', { method: 'POST' });
  if (response.status === 401 || response.status === 409) return null;
  if (!response.ok) throw new Error(`The desk answered ${response.status}`);
  return (await response.json()).token;
}

/**
 * What has to be done before the session ends, such as saving what was typed.
 * @param {() => Promise<void>} run
 */
export function beforeEnd(run) {
  lastWords.add(run);
}

export const saveEverything = () => Promise.allSettled([...lastWords].map((run) => run()));

export const vigil = connect({
  url: location.origin,
  getToken,
  loginUrl: '/login',
  onBeforeEnd: saveEverything,
});
