import { type Html, html } from '../html.ts';
import { COMPANY, type Person, type Role } from '../people.ts';
import { document, hidden, MARK, notice } from './layout.ts';

export interface LoginView {
  role: Role;
  /** Whether the account's policy shows "Remember me" to this role. */
  rememberMe: boolean;
  /** Why the person is here, if not by their own will. */
  reason: string | null;
  /** What was wrong with the last attempt. */
  error: string | null;
  email: string;
  returnTo: string;
  people: readonly Person[];
}

export const LOGIN_PATH: Record<Role, string> = { agent: '/login', requester: '/help/login' };

const WORDS = {
  agent: { title: 'Sign in to the desk', tab: 'Agents', offered: 'Demo agents' },
  requester: { title: 'Sign in to your tickets', tab: 'Customers', offered: 'Demo customer' },
} as const;

export function loginPage(view: LoginView): string {
  const { role, rememberMe, reason, error, email, returnTo, people } = view;
  const words = WORDS[role];
  const invalid = error === null ? null : html` aria-invalid="true" aria-describedby="login-error"`;
  return document({
    title: words.title,
    area: 'door',
    scripts: ['login.js'],
    body: html`<main class="door-card">
<p class="brand">${MARK}<span>${COMPANY}</span></p>
<nav class="tabs" aria-label="Who signs in">${(['agent', 'requester'] as const).map((one) => tab(one, role))}</nav>
<h1>${words.title}</h1>
${reason !== null && notice('info', reason)}
${error !== null && html`<div class="notice bad" role="alert" id="login-error">${error}</div>`}
<form method="post" action="${LOGIN_PATH[role]}" class="stack" id="login">
${hidden('return', returnTo)}
<label>Email<input name="email" type="email" required autocomplete="username" value="${email}"${invalid}${email === '' && html` autofocus`}></label>
<label>Password<input name="password" type="password" required autocomplete="current-password"${invalid}${email !== '' && html` autofocus`}></label>
${rememberMe && REMEMBER_ME}
<button class="button primary wide">Sign in</button>
</form>
<section class="offer" aria-labelledby="offer-title">
<h2 id="offer-title">${words.offered} <span class="demo-tag">Demo only</span></h2>
<ul>${people.map(offered)}</ul>
</section>
</main>`,
  });
}

const REMEMBER_ME = html`<label class="check"><input type="checkbox" name="remember" value="yes">
<span>Remember me<small>Stay signed in when the browser closes. After a time without activity you are signed out all the same.</small></span></label>`;

function tab(role: Role, current: Role): Html {
  const mark = role === current && html` aria-current="page"`;
  return html`<a href="${LOGIN_PATH[role]}"${mark}>${WORDS[role].tab}</a>`;
}

function offered({ name, about, email, password }: Person): Html {
  return html`<li><button type="button" data-email="${email}" data-password="${password}">
<strong>${name}</strong><span>${about}</span><code>${email}</code> <code>${password}</code></button></li>`;
}
