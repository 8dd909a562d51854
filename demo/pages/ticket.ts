import { type Html, html } from '../html.ts';
import type { Directory } from '../people.ts';
import { LIMITS, type Message, PRIORITIES, STATES, type Ticket } from '../tickets.ts';
import { ago, hidden, notice } from './layout.ts';
import { PRIORITY_NAMES, priorityMark, STATE_NAMES, stateMark } from './marks.ts';

export interface TicketView {
  ticket: Ticket;
  draft: string;
  directory: Directory;
  /** The agent who looks. */
  agent: string;
  formToken: string;
  error: string | null;
  now: number;
}

export function ticketPage(view: TicketView): Html {
  const { ticket, error, now } = view;
  return html`<article class="ticket">
<header class="head"><div><p class="number">#${ticket.number}</p><h1>${ticket.subject}</h1>
<p class="marks">${priorityMark(ticket.priority)}${stateMark(ticket.state)}<span class="quiet">opened ${ago(ticket.createdAt, now)}</span></p></div></header>
<div class="columns"><div class="talk">
${error !== null && notice('bad', error)}
<ol class="messages">${ticket.messages.map((message, index) => entry(message, now, `/desk/tickets/${ticket.number}/messages/${index}/mail`))}</ol>
${composer(view)}
</div>
<aside aria-label="About this ticket">${properties(view)}
<section><h2>Customer</h2><p><strong>${ticket.requester.name}</strong><br>${ticket.requester.email}</p></section></aside>
</div></article>`;
}

/** One thing said or done. `mail`: where the frame finds a mail as it came. */
export function entry(message: Message, now: number, mail: string | null): Html {
  if (message.from === 'event')
    return html`<li class="event"><strong>${message.author}</strong> ${message.text} · ${ago(message.at, now)}</li>`;
  const content =
    message.html !== undefined && mail !== null
      ? html`<iframe class="mail" sandbox="allow-popups allow-popups-to-escape-sandbox" src="${mail}" title="Mail from ${message.author}" loading="lazy" referrerpolicy="no-referrer"></iframe>
<p class="quiet">Shown without scripts and without pictures from elsewhere.</p>`
      : html`<div class="text">${message.text}</div>`;
  return html`<li class="message ${message.from}"><p class="by"><strong>${message.author}</strong> ${ago(message.at, now)}</p>${content}</li>`;
}

function composer({ ticket, draft, formToken }: TicketView): Html {
  return html`<form method="post" action="/desk/tickets/${ticket.number}/reply" class="composer" id="reply" data-ticket="${ticket.number}">
${hidden('form', formToken)}
<label for="reply-text">Reply to ${ticket.requester.name}</label>
<textarea id="reply-text" name="text" rows="6" maxlength="${LIMITS.text}" required autocomplete="off">
${draft}</textarea>
<div class="actions"><output id="draft-state" class="quiet">${draft === '' ? '' : 'Your draft'}</output>
<button class="button" name="state" value="resolved">Send and resolve</button>
<button class="button primary" name="state" value="waiting">Send reply</button></div>
</form>`;
}

function properties({ ticket, directory, agent, formToken }: TicketView): Html {
  const form = hidden('form', formToken);
  const action = `/desk/tickets/${ticket.number}/update`;
  const people = directory.agents.map(({ id, name }): [string, string] => [
    id,
    id === agent ? `${name} (you)` : name,
  ]);
  return html`<section><h2>Ticket</h2>
${ticket.assignee !== agent && html`<form method="post" action="${action}">${form}<button class="button wide" name="assignee" value="${agent}">Assign to me</button></form>`}
<form method="post" action="${action}" class="stack">${form}
<label>State${choice(
    'state',
    STATES.map((state) => [state, STATE_NAMES[state]]),
    ticket.state,
  )}</label>
<label>Priority${choice(
    'priority',
    PRIORITIES.map((one) => [one, PRIORITY_NAMES[one]]),
    ticket.priority,
  )}</label>
<label>Assigned to${choice('assignee', [['', 'Nobody'], ...people], ticket.assignee ?? '')}</label>
<button class="button wide">Save changes</button></form></section>`;
}

function choice(name: string, options: readonly (readonly [string, string])[], chosen: string): Html {
  return html`<select name="${name}" autocomplete="off">${options.map(([value, label]) => html`<option value="${value}"${value === chosen && html` selected`}>${label}</option>`)}</select>`;
}
