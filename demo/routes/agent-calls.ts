import express from 'express';
import { z } from 'zod';
import type { DeskContext } from '../desk-context.ts';
import { agentGate, agentOf, formGate } from '../gate.ts';
import { LIMITS } from '../tickets.ts';
import { loginOf } from '../vigil.ts';

const draftBody = z.object({ text: z.string().max(LIMITS.text) });

/** What the desk's own scripts call: JSON, with a status and a code. */
export function agentCalls(desk: DeskContext): express.Router {
  const router = express.Router();
  const gate = agentGate(desk, 'call');
  const ofThisLogin = formGate('call');

  // The page's token for Vigil, each time a fresh one for the same login.
  router.post('/desk/token', gate, ofThisLogin, (_req, res) => {
    res.json({ token: desk.vigil.host.tokenFor(loginOf(agentOf(res))) });
  });

  router.get('/desk/pulse', gate, ofThisLogin, (_req, res) => {
    res.json({ version: desk.tickets.version });
  });

  router.put('/desk/tickets/:number/draft', gate, ofThisLogin, async (req, res) => {
    const ticket = desk.tickets.get(Number(req.params.number));
    const body = draftBody.safeParse(req.body);
    if (ticket === undefined) return void res.status(404).json({ code: 'not_found' });
    if (!body.success) return void res.status(422).json({ code: 'invalid' });
    await desk.drafts.keep(agentOf(res).person.id, ticket.number, body.data.text);
    res.status(204).end();
  });

  return router;
}
