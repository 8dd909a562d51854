import { once } from 'node:events';
import { type Request, type Response, Router } from 'express';
import type { EventType } from '../../shared/events.ts';
import type { EventQuery } from '../engine/engine.ts';
import { accountOf, nameOf } from './caller.ts';
import type { HttpContext } from './context.ts';
import { CSV_HEADER, csvLine } from './csv.ts';
import type { Gate } from './gate.ts';
import { eventIdOf, idQueryOf, limitOf, queryOf } from './input.ts';
import { Problem } from './problem.ts';

/** Complete by its type: an event type that is missing here does not compile. */
const TYPES: Record<EventType, true> = {
  'session.started': true,
  'session.warned': true,
  'session.resumed': true,
  'session.ended': true,
  'agent.available': true,
  'agent.unavailable': true,
  'policy.changed': true,
  'access.refused': true,
  'audit.exported': true,
};
const PAGE = { usual: 100, most: 1_000 };
/** As many as an account keeps. */
const EXPORT = { usual: 200_000, most: 200_000 };

/** What happened, for people (`/v1/audit`, newest first) and for machines that catch up (`/v1/events`, oldest first). */
export function auditRoutes({ engine, log }: HttpContext, gate: Gate): Router {
  const router = Router({ caseSensitive: true });

  router.get('/v1/audit', async (req, res) => {
    const caller = await gate.permitted(req, 'manage_security', 'GET /v1/audit');
    const account = accountOf(caller);
    const filter = filterOf(req);
    const before = eventIdOf(req, 'cursor');
    res.vary('Accept');
    if (req.accepts(['json', 'csv']) !== 'csv') {
      const limit = limitOf(req, PAGE);
      res.json(await page(account, limit, { ...filter, ...(before !== undefined && { before }) }));
      return;
    }
    const limit = limitOf(req, EXPORT);
    await engine.record(account, { type: 'audit.exported', data: { by: nameOf(caller), format: 'csv' } });
    await exportCsv(res, account, limit, { ...filter, ...(before !== undefined && { before }) });
  });

  router.get('/v1/events', async (req, res) => {
    const { account } = await gate.service(req, 'GET /v1/events');
    const after = eventIdOf(req, 'after') ?? '';
    res.json(await page(account, limitOf(req, PAGE), { ...filterOf(req), after }));
  });

  async function page(account: string, limit: number, query: Omit<EventQuery, 'limit'>) {
    const events = await engine.events(account, { ...query, limit: limit + 1 });
    const more = events.length > limit;
    const shown = events.slice(0, limit);
    return { events: shown, next: more ? shown.at(-1)!.id : null };
  }

  async function exportCsv(
    res: Response,
    account: string,
    limit: number,
    query: Omit<EventQuery, 'limit'>,
  ): Promise<void> {
    res.type('text/csv; charset=utf-8; header=present').attachment('vigil-audit.csv');
    res.write(CSV_HEADER);
    try {
      for (let left = limit, next = query; left > 0 && !res.destroyed; left -= PAGE.most) {
        const events = await engine.events(account, { ...next, limit: Math.min(left, PAGE.most) });
        if (!res.write(events.map(csvLine).join('')))
          await Promise.race([once(res, 'drain'), once(res, 'close')]);
        if (events.length < PAGE.most) break;
        next = { ...query, before: events.at(-1)!.id };
      }
      res.end();
    } catch (err) {
      // Half an export must not look like a whole one.
      log.error({ err }, 'an export of the audit log broke off');
      res.destroy();
    }
  }

  return router;
}

function filterOf(req: Request): { types?: EventType[]; agent?: string } {
  const agent = idQueryOf(req, 'agent');
  const types = queryOf(req, 'type')?.split(',');
  const unknown = types?.find((type) => !Object.hasOwn(TYPES, type));
  if (unknown !== undefined)
    throw new Problem('bad_request', `type must be of ${Object.keys(TYPES).join(', ')}.`);
  return {
    ...(types !== undefined && { types: types as EventType[] }),
    ...(agent !== undefined && { agent }),
  };
}
