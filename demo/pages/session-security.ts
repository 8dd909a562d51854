import { type Html, html } from '../html.ts';
import type { Directory } from '../people.ts';

/** Manage › General Settings › Security › Session Security. The script fills it from Vigil and saves it there. */
export function sessionSecurity(directory: Directory): Html {
  const names = Object.fromEntries(directory.agents.map(({ id, name }) => [id, name]));
  return html`<nav class="crumbs" aria-label="Where you are"><ol><li>Manage</li><li>General Settings</li><li>Security</li><li aria-current="page">Session Security</li></ol></nav>
<div class="head"><h1>Session Security</h1></div>
<div class="columns settings"><form id="policy" class="card" data-names="${JSON.stringify(names)}" aria-busy="true">
<p id="policy-message" class="notice info" role="status">Loading the settings…</p>
<div id="policy-conflict" class="notice bad" role="alert" hidden><p></p>
<div class="actions"><button type="button" class="button small" id="take-theirs">Show what is saved now</button><button type="button" class="button small" id="keep-mine">Save mine over it</button></div></div>
<fieldset id="policy-fields" disabled>
<legend>Inactivity timeout</legend>
<p id="timeout-help">Agents are signed out after this time without activity, on every device at once. They are warned <span id="lead">a minute</span> before.</p>
<div class="duration"><label>Timeout<input id="timeout-value" type="number" min="1" step="1" inputmode="numeric" required autocomplete="off" aria-describedby="timeout-range timeout-help"></label>
<label>Unit<select id="timeout-unit" autocomplete="off"><option value="1" hidden disabled>seconds</option><option value="60">minutes</option><option value="3600">hours</option><option value="86400">days</option></select></label></div>
<p id="timeout-range" class="quiet"></p>
<p id="timeout-error" class="error" role="alert" hidden></p>
<div id="demo-timeouts" class="demo-box" hidden><p><span class="demo-tag">Demo only</span> Nobody waits 15 minutes to try this out. Fill in a short timeout, then save:</p>
<div class="actions"><button type="button" class="button small" data-seconds="90">90 seconds</button><button type="button" class="button small" data-seconds="120">2 minutes</button></div></div>
<h2>Remember me</h2>
<label class="check"><input type="checkbox" role="switch" id="remember-agent"><span>Offer “Remember me” to agents<small>On the agents’ login page. Without it they sign in anew whenever the browser was closed.</small></span></label>
<label class="check"><input type="checkbox" role="switch" id="remember-requester"><span>Offer “Remember me” to customers<small>On the customers’ login page.</small></span></label>
<p class="quiet">Remembering never goes beyond the timeout: an agent who was away for longer meets the login form.</p>
<div class="actions end"><p id="policy-changed" class="quiet"></p><button class="button primary" id="policy-save">Save</button></div>
</fieldset>
<noscript><p class="notice bad">These settings need JavaScript.</p></noscript>
</form>
<aside><section><h2>What counts as inactive</h2>
<p>Somebody is inactive while one of these holds:</p>
<ul><li><strong>The desk is not open</strong> in any tab or window, on any device.</li>
<li><strong>It is open, but not the active tab</strong>: every tab of it is in the background or its window is minimised.</li>
<li><strong>It is the active tab, but nobody is there</strong>: no key pressed, no mouse, pen or finger moved.</li></ul>
<p>Activity in any one tab, on any device, keeps all of an agent’s tabs signed in. A page that refreshes by itself is no activity.</p></section>
<section><h2>When the time is up</h2><p>Every tab of the agent goes to the login page, drafts are kept for the next sign-in, and an agent in auto-assignment becomes unavailable.</p></section></aside></div>`;
}
