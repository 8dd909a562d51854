import { type Html, html } from '../html.ts';
import type { DeskSession } from '../sessions.ts';
import { ago, hidden } from './layout.ts';

export interface OwnSessionsView {
  /** Those that are alive, newest first. */
  sessions: DeskSession[];
  current: DeskSession;
  now: number;
}

/** Where the agent is signed in, and the way to end what should not be. */
export function ownSessions({ sessions, current, now }: OwnSessionsView): Html {
  const others = sessions.filter(({ sid }) => sid !== current.sid);
  return html`<h1>Where you are signed in</h1>
<p class="quiet">Input on any of these devices keeps all of them signed in. Do you not know one? Sign it out, and change your password.</p>
<ul class="card logins">${[current, ...others].map((session) => login(session, current, now))}</ul>
${
  others.length > 1 &&
  html`<form method="post" action="/desk/sessions/end">${hidden('form', current.formToken)}${hidden('which', 'others')}<button class="button">Sign out everywhere else</button></form>`
}`;
}

function login(session: DeskSession, current: DeskSession, now: number): Html {
  const own = session.sid === current.sid;
  const device = session.device === '' ? 'A browser' : session.device;
  return html`<li><p><strong>${device}</strong>${own && html` <span class="badge">this one</span>`}<br>
<span class="quiet">Signed in ${ago(session.loginAt, now)}${session.remembered && ', remembered'}</span></p>
${
  !own &&
  html`<form method="post" action="/desk/sessions/end">${hidden('form', current.formToken)}${hidden('which', session.sid)}<button class="button small" aria-label="Sign out ${device}">Sign out</button></form>`
}</li>`;
}
