import express, { type Response } from 'express';
import { assignByTurn } from '../assignment.ts';
import type { DeskContext } from '../desk-context.ts';
import { agentGate, agentOf, formGate } from '../gate.ts';
import { type AgentFrame, agentPage } from '../pages/agent-frame.ts';
import { MANAGE_PAGES, type ManagePage, maySee, vigilPage } from '../pages/manage.ts';
import { messagePage, SAYINGS } from '../pages/message.ts';
import { ticketList } from '../pages/ticket-list.ts';
import { arrivalAt } from '../samples.ts';
import { VIEWS, type View } from '../tickets.ts';

/** The list of tickets, and Vigil's pages under Manage. */
export function agentPages(desk: DeskContext): express.Router {
  const router = express.Router();
  const gate = agentGate(desk, 'page');

  router.get('/desk', gate, (_req, res) => {
    const start = agentOf(res).person.autoAssign ? 'mine' : 'open';
    res.redirect(303, `/desk/tickets?view=${start}`);
  });

  router.get('/desk/tickets', gate, async (req, res) => {
    const { person, session } = agentOf(res);
    const search = typeof req.query.q === 'string' ? req.query.q.slice(0, 100).trim() : '';
    const view = VIEWS.find((one) => one === req.query.view) ?? 'open';
    const found =
      search === ''
        ? desk.tickets.list(view, person.id)
        : [
            ...desk.tickets.list('open', person.id, search),
            ...desk.tickets.list('resolved', person.id, search),
          ];
    const body = ticketList({
      view,
      search,
      tickets: found,
      drafts: desk.drafts.ticketsOf(person.id),
      directory: desk.directory,
      arrived: desk.tickets.get(Number(req.query.arrived)) ?? null,
      version: desk.tickets.version,
      now: desk.clock.now(),
      formToken: session.formToken,
    });
    await sendAgentPage(desk, res, {
      title: search === '' ? 'Tickets' : 'Search',
      at: search === '' ? view : null,
      search,
      scripts: ['ticket-list.js'],
      body,
    });
  });

  router.post('/desk/simulate', gate, formGate('page'), async (_req, res) => {
    const ticket = desk.tickets.open(arrivalAt(desk.tickets.version));
    await assignByTurn(ticket, desk);
    await desk.tickets.save();
    res.redirect(303, `/desk/tickets?view=open&arrived=${ticket.number}`);
  });

  router.get(['/desk/manage', '/desk/manage/general/security'], gate, (_req, res) => {
    const { person } = agentOf(res);
    const start = maySee(person, 'security') ? MANAGE_PAGES.security : MANAGE_PAGES.presence;
    res.redirect(303, start.path);
  });

  for (const page of Object.keys(MANAGE_PAGES) as ManagePage[]) {
    router.get(MANAGE_PAGES[page].path, gate, async (_req, res) => {
      if (!maySee(agentOf(res).person, page))
        return void res.status(403).send(messagePage(SAYINGS.forbidden));
      await sendAgentPage(desk, res, {
        title: MANAGE_PAGES[page].name,
        at: page,
        scripts: ['dashboard.js'],
        body: vigilPage(page),
      });
    });
  }

  return router;
}

type Page = Omit<AgentFrame, 'agent' | 'live' | 'counts' | 'unavailable'>;

export async function sendAgentPage(desk: DeskContext, res: Response, page: Page): Promise<void> {
  const agent = agentOf(res);
  const counts = Object.fromEntries(
    VIEWS.map((view) => [view, desk.tickets.count(view, agent.person.id)]),
  ) as Record<View, number>;
  const live = await desk.vigil.session(agent);
  const since = live?.available === false ? await desk.vigil.unavailableSince(agent.person.id) : null;
  // Who set it themselves needs no telling.
  const unavailable = since === null || since.cause === 'agent' ? null : since;
  res.send(agentPage({ ...page, agent, live, counts, unavailable }));
}
