import express, { type Request, type Response } from 'express';
import { z } from 'zod';
import type { DeskContext } from '../desk-context.ts';
import { agentGate, agentOf, formGate } from '../gate.ts';
import { MAIL_POLICY } from '../page-headers.ts';
import { PRIORITY_NAMES, STATE_NAMES } from '../pages/marks.ts';
import { messagePage, SAYINGS } from '../pages/message.ts';
import { ticketPage } from '../pages/ticket.ts';
import { LIMITS, PRIORITIES, STATES, type Ticket, type TicketChange } from '../tickets.ts';
import { sendAgentPage } from './agent-pages.ts';

const replyForm = z.object({
  text: z.string().trim().min(1).max(LIMITS.text),
  state: z.enum(STATES).catch('waiting'),
});
const updateForm = z.object({
  state: z.enum(STATES).optional(),
  priority: z.enum(PRIORITIES).optional(),
  assignee: z.string().optional(),
});

/** One ticket: its conversation, the reply, and what can be set. */
export function agentTicket(desk: DeskContext): express.Router {
  const router = express.Router();
  const gate = agentGate(desk, 'page');
  const ofThisLogin = formGate('page');

  router.get('/desk/tickets/:number', gate, async (req, res) => {
    const ticket = find(desk, req, res);
    if (ticket !== null) await show(desk, res, ticket);
  });

  router.get('/desk/tickets/:number/messages/:index/mail', gate, (req, res) => {
    const mail = find(desk, req, res)?.messages[Number(req.params.index)]?.html;
    if (res.headersSent) return;
    if (mail === undefined) return void res.status(404).send(messagePage(SAYINGS.notFound));
    // Its links open in a tab of their own that knows nothing of the desk.
    const head = '<!doctype html><meta charset="utf-8"><base target="_blank">';
    const style =
      '<style>html{color-scheme:light;background:#fff;color:#1b1b1b;font:15px/1.5 system-ui,sans-serif}</style>';
    res.set({
      'Content-Security-Policy': MAIL_POLICY,
      'X-Frame-Options': 'SAMEORIGIN',
      'Referrer-Policy': 'no-referrer',
    });
    res.type('html').send(head + style + mail);
  });

  router.post('/desk/tickets/:number/reply', gate, ofThisLogin, async (req, res) => {
    const ticket = find(desk, req, res);
    if (ticket !== null) await reply(desk, req, res, ticket);
  });

  router.post('/desk/tickets/:number/update', gate, ofThisLogin, async (req, res) => {
    const ticket = find(desk, req, res);
    if (ticket === null) return;
    const form = updateForm.safeParse(req.body);
    const change = form.success ? toChange(desk, form.data) : null;
    if (change === null) return show(desk, res, ticket, 422, 'That can’t be set on a ticket.');
    apply(desk, ticket, change, agentOf(res).person.name);
    await desk.tickets.save();
    res.redirect(303, `/desk/tickets/${ticket.number}`);
  });

  return router;
}

function find(desk: DeskContext, req: Request, res: Response): Ticket | null {
  const ticket = desk.tickets.get(Number(req.params.number));
  if (ticket === undefined) res.status(404).send(messagePage(SAYINGS.notFound));
  return ticket ?? null;
}

async function show(
  desk: DeskContext,
  res: Response,
  ticket: Ticket,
  status = 200,
  error: string | null = null,
) {
  const { person, session } = agentOf(res);
  res.status(status);
  await sendAgentPage(desk, res, {
    title: `#${ticket.number} ${ticket.subject}`,
    at: null,
    scripts: ['reply.js'],
    body: ticketPage({
      ticket,
      draft: desk.drafts.find(person.id, ticket.number)?.text ?? '',
      directory: desk.directory,
      agent: person.id,
      formToken: session.formToken,
      error,
      now: desk.clock.now(),
    }),
  });
}

async function reply(desk: DeskContext, req: Request, res: Response, ticket: Ticket): Promise<void> {
  const { person } = agentOf(res);
  const form = replyForm.safeParse(req.body);
  if (!form.success)
    return show(desk, res, ticket, 422, 'A reply needs some text, and not more than 20,000 characters.');
  const { text, state } = form.data;
  if (!desk.tickets.reply(ticket, { from: 'agent', author: person.name, text }))
    return show(desk, res, ticket, 422, 'This conversation has reached its full length.');
  apply(desk, ticket, { state, assignee: ticket.assignee ?? person.id }, person.name);
  await Promise.all([desk.tickets.save(), desk.drafts.drop(person.id, ticket.number)]);
  res.redirect(303, `/desk/tickets/${ticket.number}`);
}

/** Null where it names an agent whom the desk doesn't know. */
function toChange(desk: DeskContext, form: z.infer<typeof updateForm>): TicketChange | null {
  const { state, priority, assignee } = form;
  if (assignee && desk.directory.find('agent', assignee) === undefined) return null;
  return {
    ...(state === undefined ? {} : { state }),
    ...(priority === undefined ? {} : { priority }),
    ...(assignee === undefined ? {} : { assignee: assignee === '' ? null : assignee }),
  };
}

/** Sets what differs, and says so in the conversation. */
function apply(desk: DeskContext, ticket: Ticket, change: TicketChange, author: string): void {
  const said: string[] = [];
  if (change.state !== undefined && change.state !== ticket.state)
    said.push(`set the state to ${STATE_NAMES[change.state].toLowerCase()}`);
  if (change.priority !== undefined && change.priority !== ticket.priority)
    said.push(`set the priority to ${PRIORITY_NAMES[change.priority].toLowerCase()}`);
  if (change.assignee !== undefined && change.assignee !== ticket.assignee) {
    const name = change.assignee === null ? 'nobody' : desk.directory.find('agent', change.assignee)?.name;
    said.push(name === author ? 'took this ticket' : `gave this ticket to ${name}`);
  }
  if (said.length > 0) desk.tickets.update(ticket, change, { author, text: said.join(' and ') });
}
