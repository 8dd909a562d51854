import type { SignedIn } from '../gate.ts';
import { type Html, html } from '../html.ts';
import { COMPANY } from '../people.ts';
import { LIMITS, type Ticket } from '../tickets.ts';
import { ago, document, hidden, MARK, notice } from './layout.ts';
import { STATE_FOR_CUSTOMER, stateMark } from './marks.ts';
import { entry } from './ticket.ts';

function helpPage(title: string, { person, session }: SignedIn, body: Html): string {
  return document({
    title,
    area: 'requester',
    body: html`<a class="skip" href="#main">Skip to the content</a>
<header class="bar"><a class="brand" href="/help">${MARK}<span>${COMPANY}<small>Help</small></span></a>
<p>${person.name}</p><form method="post" action="/help/logout">${hidden('form', session.formToken)}<button class="button small">Sign out</button></form></header>
<main id="main" tabindex="-1">${body}</main>`,
  });
}

export interface HelpView {
  requester: SignedIn;
  tickets: Ticket[];
  error: string | null;
  subject: string;
  text: string;
  now: number;
}

export function helpHome({ requester, tickets, error, subject, text, now }: HelpView): string {
  return helpPage(
    'Your tickets',
    requester,
    html`<div class="columns"><section><h1>Your tickets</h1>
${
  tickets.length === 0
    ? html`<div class="empty"><h2>No tickets yet</h2><p>Ask us anything about your bike or your order.</p></div>`
    : html`<ol class="tickets own">${tickets.map(
        (
          ticket,
        ) => html`<li><div class="what"><a href="/help/tickets/${ticket.number}">${ticket.subject}</a><p><span class="number">#${ticket.number}</span> ${ago(ticket.updatedAt, now)}</p></div>
<div class="marks">${stateMark(ticket.state, STATE_FOR_CUSTOMER)}</div></li>`,
      )}</ol>`
}</section>
<section class="card"><h2>Open a ticket</h2>${error !== null && notice('bad', error)}
<form method="post" action="/help/tickets" class="stack">${hidden('form', requester.session.formToken)}
<label>Subject<input name="subject" required maxlength="${LIMITS.subject}" value="${subject}" autocomplete="off"></label>
<label>What can we do for you?<textarea name="text" rows="7" required maxlength="${LIMITS.text}" autocomplete="off">
${text}</textarea></label>
<button class="button primary">Send</button></form></section></div>`,
  );
}

export interface HelpTicketView {
  requester: SignedIn;
  ticket: Ticket;
  isNew: boolean;
  error: string | null;
  now: number;
}

export function helpTicket({ requester, ticket, isNew, error, now }: HelpTicketView): string {
  const messages = ticket.messages.filter((message) => message.from !== 'event');
  return helpPage(
    ticket.subject,
    requester,
    html`<p class="back"><a href="/help">← Your tickets</a></p>
<div class="head"><div><p class="number">#${ticket.number}</p><h1>${ticket.subject}</h1><p class="marks">${stateMark(ticket.state, STATE_FOR_CUSTOMER)}</p></div></div>
${isNew && notice('good', 'Thank you. We have your ticket and will answer here.')}
${error !== null && notice('bad', error)}
<ol class="messages">${messages.map((message) => entry(message, now, null))}</ol>
<form method="post" action="/help/tickets/${ticket.number}/reply" class="composer">${hidden('form', requester.session.formToken)}
<label for="reply-text">${ticket.state === 'resolved' ? 'Not resolved after all? Tell us' : 'Add something'}</label>
<textarea id="reply-text" name="text" rows="5" required maxlength="${LIMITS.text}" autocomplete="off"></textarea>
<div class="actions"><button class="button primary">Send</button></div></form>`,
  );
}
