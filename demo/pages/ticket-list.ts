import { type Html, html } from '../html.ts';
import type { Directory } from '../people.ts';
import type { Ticket, View } from '../tickets.ts';
import { VIEW_NAMES } from './agent-frame.ts';
import { ago, hidden, notice } from './layout.ts';
import { priorityMark, stateMark } from './marks.ts';

export interface TicketListView {
  view: View;
  search: string;
  tickets: Ticket[];
  drafts: Set<number>;
  directory: Directory;
  arrived: Ticket | null;
  version: number;
  now: number;
  formToken: string;
}

export function ticketList(list: TicketListView): Html {
  const { view, search, tickets, arrived, directory, formToken } = list;
  const title = search === '' ? VIEW_NAMES[view] : `Search: ${search}`;
  return html`<div class="head"><h1>${title}</h1>
<form method="post" action="/desk/simulate" class="simulate">${hidden('form', formToken)}<span class="demo-tag">Demo only</span>
<button class="button">Simulate an arriving ticket</button></form></div>
${arrived !== null && arrivedLine(arrived, directory)}
<p class="news" id="news" data-version="${list.version}" role="status" hidden><a href="">The tickets have changed: show them as they are now</a></p>
${tickets.length === 0 ? empty(view, search) : html`<ol class="tickets">${tickets.map((ticket) => row(ticket, list))}</ol>`}`;
}

function row(ticket: Ticket, { drafts, directory, now }: TicketListView): Html {
  const last = ticket.messages.findLast((message) => message.from !== 'event');
  const assignee = ticket.assignee === null ? null : directory.find('agent', ticket.assignee)?.name;
  return html`<li class="${ticket.priority}">
<div class="what"><a href="/desk/tickets/${ticket.number}">${ticket.subject}</a>${drafts.has(ticket.number) && html` <span class="tag">Draft</span>`}
<p><span class="number">#${ticket.number}</span> ${ticket.requester.name}<span class="preview"> · ${last?.text.slice(0, 120)}</span></p></div>
<div class="marks">${priorityMark(ticket.priority)}${stateMark(ticket.state)}</div>
<div class="who">${assignee ?? html`<span class="quiet">Nobody yet</span>`}</div>
<div class="when">${ago(ticket.updatedAt, now)}</div>
</li>`;
}

function arrivedLine(ticket: Ticket, directory: Directory): Html {
  const link = html`<a href="/desk/tickets/${ticket.number}">#${ticket.number} ${ticket.subject}</a>`;
  const assignee = ticket.assignee === null ? undefined : directory.find('agent', ticket.assignee);
  return assignee === undefined
    ? notice(
        'info',
        html`<span>${link} has arrived. No agent is available, so it waits under Unassigned.</span>`,
      )
    : notice('good', html`<span>${link} has arrived and went to ${assignee.name}, whose turn it was.</span>`);
}

const EMPTY: Record<View, [string, string]> = {
  mine: [
    'Nothing on your plate',
    'While you are available, arriving tickets come to you by turn. You can also take one from Unassigned.',
  ],
  unassigned: ['Every ticket has somebody', 'A ticket that arrives while nobody is available waits here.'],
  open: ['All done', 'There is no open ticket.'],
  resolved: ['Nothing resolved yet', 'Tickets come here once they are resolved.'],
};

function empty(view: View, search: string): Html {
  const [title, text] =
    search === ''
      ? EMPTY[view]
      : ['No ticket fits', 'Search looks at the number, the subject, and the customer’s name and address.'];
  return html`<div class="empty"><h2>${title}</h2><p>${text}</p></div>`;
}
