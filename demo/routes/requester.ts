import express, { type Request, type Response } from 'express';
import { z } from 'zod';
import { assignByTurn } from '../assignment.ts';
import type { DeskContext } from '../desk-context.ts';
import { formGate, requesterGate, requesterOf } from '../gate.ts';
import { type HelpTicketView, type HelpView, helpHome, helpTicket } from '../pages/help.ts';
import { messagePage, SAYINGS } from '../pages/message.ts';
import { LIMITS, type Ticket } from '../tickets.ts';

const ticketForm = z.object({
  subject: z.string().trim().min(1).max(LIMITS.subject),
  text: z.string().trim().min(1).max(LIMITS.text),
});
const replyForm = ticketForm.pick({ text: true });

/** A customer's own tickets. */
export function requesterRoutes(desk: DeskContext): express.Router {
  const router = express.Router();
  const gate = requesterGate(desk);
  const ofThisLogin = formGate('page');

  router.get('/help', gate, (_req, res) => home(desk, res));

  router.post('/help/tickets', gate, ofThisLogin, async (req, res) => {
    const form = ticketForm.safeParse(req.body);
    if (!form.success) {
      res.status(422);
      return home(desk, res, {
        error: 'A ticket needs a subject and a text, neither of them too long.',
        ...typed(req),
      });
    }
    const { name, email, id: person } = requesterOf(res).person;
    const ticket = desk.tickets.open({
      ...form.data,
      priority: 'normal',
      requester: { name, email, person },
    });
    await assignByTurn(ticket, desk);
    await desk.tickets.save();
    res.redirect(303, `/help/tickets/${ticket.number}?new`);
  });

  router.get('/help/tickets/:number', gate, (req, res) => {
    const ticket = findOwn(desk, req, res);
    if (ticket !== null) show(desk, res, ticket, { isNew: req.query.new !== undefined });
  });

  router.post('/help/tickets/:number/reply', gate, ofThisLogin, async (req, res) => {
    const ticket = findOwn(desk, req, res);
    if (ticket === null) return;
    const form = replyForm.safeParse(req.body);
    const author = requesterOf(res).person.name;
    if (!form.success || !desk.tickets.reply(ticket, { from: 'requester', author, text: form.data.text })) {
      res.status(422);
      return show(desk, res, ticket, {
        error: 'That could not be added: it is empty, or the conversation is too long.',
      });
    }
    if (ticket.state !== 'open') desk.tickets.update(ticket, { state: 'open' }, null);
    await desk.tickets.save();
    res.redirect(303, `/help/tickets/${ticket.number}`);
  });

  return router;
}

/** A ticket of somebody else is not there at all. */
function findOwn(desk: DeskContext, req: Request, res: Response): Ticket | null {
  const ticket = desk.tickets.get(Number(req.params.number));
  if (ticket !== undefined && ticket.requester.person === requesterOf(res).person.id) return ticket;
  res
    .status(404)
    .send(messagePage({ ...SAYINGS.notFound, action: { href: '/help', label: 'To your tickets' } }));
  return null;
}

function home(desk: DeskContext, res: Response, again: Partial<HelpView> = {}): void {
  const requester = requesterOf(res);
  const tickets = desk.tickets.ofRequester(requester.person.id);
  res.send(
    helpHome({ requester, tickets, error: null, subject: '', text: '', now: desk.clock.now(), ...again }),
  );
}

function show(desk: DeskContext, res: Response, ticket: Ticket, view: Partial<HelpTicketView>): void {
  res.send(
    helpTicket({
      requester: requesterOf(res),
      ticket,
      isNew: false,
      error: null,
      now: desk.clock.now(),
      ...view,
    }),
  );
}

/** What was typed, as far as it was text, so that nobody types it twice. */
function typed(req: Request): { subject: string; text: string } {
  const text = (value: unknown) => (typeof value === 'string' ? value.slice(0, LIMITS.text) : '');
  return { subject: text(req.body?.subject).slice(0, LIMITS.subject), text: text(req.body?.text) };
}
