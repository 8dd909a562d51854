import { once } from 'node:events';
import { type Request, type Response, Router } from 'express';
import type { EventType } from '../../shared/events.ts';
import type { EventQuery } from '../engine/engine.ts';
import { eventIdFrom } from '../engine/ids.ts';
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

/** What happened, for people (`/v1/audit`, newest first) and for machines that catch up (`/v1/events`, oldest first). */
export function auditRoutes({ engine, log, auditEvents }: HttpContext, gate: Gate): Router {
  const router = Router({ caseSensitive: true });

  router.get('/v1/audit', async (req, res) => {
    const caller = await gate.permitted(req, 'manage_security', 'GET /v1/audit');
    const account = accountOf(caller);
    const search = searchOf(req);
    const exported = (format: 'csv' | 'json') =>
      engine.record(account, { type: 'audit.exported', data: { by: nameOf(caller), format } });
    res.vary('Accept');
    if (req.accepts(['json', 'csv']) === 'csv') {
      const limit = limitOf(req, { usual: auditEvents, most: auditEvents });
      await exported('csv');
      return exportCsv(res, account, limit, search);
    }
    const limit = limitOf(req, PAGE);
    // Whoever reads page after page into a file says so with the first.
    if (queryOf(req, 'export') !== undefined) await exported('json');
    res.json(await page(account, limit, search));
  });

  router.get('/v1/events', async (req, res) => {
    const { account } = await gate.service(req, 'GET /v1/events');
    const after = eventIdOf(req, 'after') ?? '';
    res.json(await page(account, limitOf(req, PAGE), { query: { ...filterOf(req), after }, since: 0 }));
  });

  /** At most so many entries, and whether more may follow. */
  async function read(account: string, limit: number, { query, since }: Search) {
    const events = await engine.events(account, { ...query, limit: limit + 1 });
    const wanted = events.filter(({ at }) => at >= since);
    const more = events.length > limit && wanted.length === events.length;
    return { events: wanted.slice(0, limit), more };
  }

  async function page(account: string, limit: number, search: Search) {
    const { events, more } = await read(account, limit, search);
    return { events, next: more ? events.at(-1)!.id : null };
  }

  async function exportCsv(res: Response, account: string, limit: number, search: Search): Promise<void> {
    res.type('text/csv; charset=utf-8; header=present').attachment('vigil-audit.csv');
    res.write(CSV_HEADER);
    // One for the whole export: listeners of their own for each page would pile up, and miss a close between two pages.
    const closed = once(res, 'close').catch(() => undefined);
    try {
      for (let left = limit, { query } = search; left > 0 && !res.destroyed; left -= PAGE.most) {
        const { events, more } = await read(account, Math.min(left, PAGE.most), { ...search, query });
        if (!res.write(events.map(csvLine).join(''))) await Promise.race([once(res, 'drain'), closed]);
        if (!more) break;
        query = { ...query, before: events.at(-1)!.id };
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

/** What is looked for; nothing older than `since`. */
interface Search {
  query: Omit<EventQuery, 'limit'>;
  since: number;
}

/** Newest first: from `cursor`, where one is given, else from the moment `to`, back to the moment `from`. */
function searchOf(req: Request): Search {
  const to = momentOf(req, 'to');
  const before = eventIdOf(req, 'cursor') ?? (to === undefined ? undefined : eventIdFrom(to + 1));
  return {
    query: { ...filterOf(req), ...(before !== undefined && { before }) },
    since: momentOf(req, 'from') ?? 0,
  };
}

/** A moment in epoch ms. */
function momentOf(req: Request, name: string): number | undefined {
  const text = queryOf(req, name);
  if (text === undefined) return undefined;
  if (!/^\d{1,13}$/.test(text)) throw new Problem('bad_request', `${name} must be a time in epoch ms.`);
  return Number(text);
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
