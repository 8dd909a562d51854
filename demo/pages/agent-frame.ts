import type { SignedIn } from '../gate.ts';
import { type Fragment, type Html, html } from '../html.ts';
import { COMPANY, type Person } from '../people.ts';
import { durationText } from '../reasons.ts';
import type { View } from '../tickets.ts';
import type { LiveSession, Unavailable } from '../vigil.ts';
import { clockTime, document, hidden, MARK, notice } from './layout.ts';
import { MANAGE_PAGES, type ManagePage, maySee } from './manage.ts';

export interface AgentFrame {
  title: string;
  /** Which entry of the navigation is shown as the current one. */
  at: View | ManagePage | null;
  agent: SignedIn;
  /** What Vigil says of the session; null where it can't be asked. */
  live: LiveSession | null;
  counts: Record<View, number>;
  /** Set where the agent should be told that no tickets come to them any more, and since when. */
  unavailable: Unavailable | null;
  search?: string;
  scripts?: string[];
  data?: Record<string, string>;
  body: Html;
}

export const VIEW_NAMES: Record<View, string> = {
  mine: 'My tickets',
  unassigned: 'Unassigned',
  open: 'All open',
  resolved: 'Resolved',
};

/** Every page of the agents' desk: navigation, search, availability, the person and the way out. */
export function agentPage(frame: AgentFrame): string {
  const { agent, live, counts, at, search = '', unavailable } = frame;
  return document({
    title: frame.title,
    area: 'agent',
    scripts: ['desk.js', ...(frame.scripts ?? [])],
    data: { form: agent.session.formToken, ...frame.data },
    body: html`<a class="skip" href="#main">Skip to the content</a>
<header class="side">
<a class="brand" href="/desk">${MARK}<span>${COMPANY}<small>Service desk</small></span></a>
<nav aria-label="Tickets"><ul>${(Object.keys(VIEW_NAMES) as View[]).map((view) => html`<li>${entry(`/desk/tickets?view=${view}`, VIEW_NAMES[view], at === view, counts[view])}</li>`)}</ul></nav>
${manage(agent.person, at)}
</header>
<section class="top" aria-label="Search and account">
<form class="search" action="/desk/tickets" role="search"><input type="search" name="q" value="${search}" maxlength="100" placeholder="Search tickets" aria-label="Search tickets"></form>
<output class="link-state" id="link-state" hidden>Reconnecting…</output>
${typeof live?.available === 'boolean' && availability(live.available)}
${personMenu(agent, live)}
</section>
<main id="main" tabindex="-1">
${live?.available === false && unavailable !== null && unavailableLine(unavailable)}
${frame.body}
</main>`,
  });
}

function entry(href: string, name: string, current: boolean, count?: number): Html {
  return html`<a href="${href}"${current && html` aria-current="page"`}>${name}${count !== undefined && html` <span class="count">${count}</span>`}</a>`;
}

function manage(person: Person, at: AgentFrame['at']): Fragment {
  const link = (page: ManagePage) =>
    maySee(person, page) &&
    html`<li>${entry(MANAGE_PAGES[page].path, MANAGE_PAGES[page].name, at === page)}</li>`;
  return (
    maySee(person, 'presence') &&
    html`<nav aria-label="Manage" class="manage"><h2>Manage</h2><ul>${link('presence')}</ul>
${maySee(person, 'security') && html`<p>General Settings › Security</p><ul>${link('security')}${link('audit')}</ul>`}</nav>`
  );
}

function availability(available: boolean): Html {
  return html`<button type="button" class="switch" role="switch" aria-checked="${String(available)}" id="availability" title="Whether arriving tickets are given to you">
<span class="knob"></span><span class="label">${available ? 'Available' : 'Unavailable'}</span></button>`;
}

function personMenu({ person, session }: SignedIn, live: LiveSession | null): Html {
  const initials = person.name
    .split(' ')
    .map((part) => part[0] ?? '')
    .slice(0, 2)
    .join('');
  return html`<details class="menu"><summary><span class="avatar" aria-hidden="true">${initials}</span><span class="name">${person.name}</span></summary>
<div class="panel">
<p><strong>${person.name}</strong><br>${person.email}</p>
<p class="quiet">${session.remembered ? 'Remembered on this device. ' : ''}${live !== null && `Signed out after ${durationText(Math.round(live.timeoutMs / 1_000))} without activity.`}</p>
<p><a href="/desk/sessions">Where you are signed in</a></p>
<form method="post" action="/logout">${hidden('form', session.formToken)}<button class="button wide">Sign out</button></form>
</div></details>`;
}

function unavailableLine({ at, cause }: Unavailable): Html {
  const why = cause === 'timeout' ? ', when your session timed out' : ', by an administrator';
  return notice(
    'info',
    html`<span>You became unavailable at ${clockTime(at)}${why}: no new tickets come to you.</span> <button type="button" class="button small" id="make-available">Make me available</button>`,
  );
}
