import express from 'express';
import type { DeskContext } from '../desk-context.ts';
import { agentGate, agentOf, formGate, unreachable } from '../gate.ts';
import { ownSessions } from '../pages/own-sessions.ts';
import { sendAgentPage } from './agent-pages.ts';

/** Each agent's own logins: to see them, and to end one or all others. */
export function agentSessions(desk: DeskContext): express.Router {
  const router = express.Router();
  const gate = agentGate(desk, 'page');

  router.get('/desk/sessions', gate, async (_req, res) => {
    const { person, session } = agentOf(res);
    const own = desk.sessions.of(person);
    const alive = await desk.vigil.alive(own);
    if (alive === null) return unreachable(res, 'page');
    const body = ownSessions({ sessions: alive, current: session, now: desk.clock.now() });
    await sendAgentPage(desk, res, { title: 'Where you are signed in', at: null, body });
  });

  router.post('/desk/sessions/end', gate, formGate('page'), async (req, res) => {
    const { person, session } = agentOf(res);
    const which: unknown = req.body?.which;
    const others = desk.sessions.of(person).filter(({ sid }) => sid !== session.sid);
    for (const other of which === 'others' ? others : others.filter(({ sid }) => sid === which)) {
      if (!(await desk.vigil.end(other))) return unreachable(res, 'page');
      await desk.sessions.drop(other);
    }
    res.redirect(303, '/desk/sessions');
  });

  return router;
}
