import { setImmediate } from 'node:timers/promises';
import { Router } from 'express';
import { isId } from '../../shared/ids.ts';
import { type AgentPresence, emptyCounts, type PresenceCounts } from '../../shared/presence.ts';
import type { AgentRecord, Engine } from '../engine/engine.ts';
import { agentPresence, sidHash } from '../presence.ts';
import { accountOf } from './caller.ts';
import type { HttpContext } from './context.ts';
import type { Gate } from './gate.ts';
import { idOf, limitOf, queryOf } from './input.ts';
import { Problem } from './problem.ts';

type Shown = keyof PresenceCounts;

/** How many agents are asked of the engine at once, so that a large account leaves room for everything else. */
const PIECE = 2_000;

/** Who is here: `/v1/agents`, for those who may see presence. */
export function agentsRoutes({ engine, display }: HttpContext, gate: Gate): Router {
  const router = Router({ caseSensitive: true });

  router.get('/v1/agents', async (req, res) => {
    const caller = await gate.permitted(req, 'view_presence', 'GET /v1/agents');
    const state = stateOf(queryOf(req, 'state'));
    const after = readCursor(queryOf(req, 'cursor'));
    const limit = limitOf(req, { usual: 100, most: 1_000 });
    const account = accountOf(caller);
    const counts = emptyCounts();
    for await (const record of everyAgent(engine, account, null)) {
      counts[agentPresence(record, engine.now(), display).state as Shown] += 1;
    }
    const page: AgentPresence[] = [];
    let more = false;
    for await (const record of everyAgent(engine, account, after)) {
      const agent = agentPresence(record, engine.now(), display);
      if (state !== undefined && agent.state !== state) continue;
      more = page.length === limit;
      if (more) break;
      page.push(agent);
    }
    res.json({ agents: page, next: more ? writeCursor(page.at(-1)!.id) : null, counts });
  });

  router.get('/v1/agents/available', async (req, res) => {
    const caller = await gate.permitted(req, 'view_presence', 'GET /v1/agents/available');
    const agents: { id: string; name: string | null }[] = [];
    for await (const { id, name, available } of everyAgent(engine, accountOf(caller), null)) {
      if (available === true) agents.push({ id, name });
    }
    res.json({ agents });
  });

  router.get('/v1/agents/:id', async (req, res) => {
    const caller = await gate.permitted(req, 'view_presence', 'GET /v1/agents/:id');
    const detail = await engine.agent(accountOf(caller), idOf(req, 'id'));
    if (detail === null) throw new Problem('not_found', 'There is no such agent in this account.');
    const logins = detail.logins.map(({ sid, ...login }) => ({ session: sidHash(sid), ...login }));
    res.json({ ...agentPresence(detail, engine.now(), display), logins });
  });

  return router;
}

/** Live agents of an account, in the engine's order, those after `after`. */
async function* everyAgent(
  engine: Engine,
  account: string,
  after: string | null,
): AsyncGenerator<AgentRecord> {
  for (;;) {
    const piece = await engine.agents(account, { after, limit: PIECE });
    yield* piece;
    if (piece.length < PIECE) return;
    after = piece.at(-1)!.id;
    await setImmediate();
  }
}

function stateOf(text: string | undefined): Shown | undefined {
  if (text === undefined || Object.hasOwn(emptyCounts(), text)) return text as Shown | undefined;
  throw new Problem('bad_request', `state must be one of ${Object.keys(emptyCounts()).join(', ')}.`);
}

function writeCursor(id: string): string {
  return Buffer.from(id).toString('base64url');
}

function readCursor(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  const id = Buffer.from(cursor, 'base64url').toString();
  if (isId(id) && writeCursor(id) === cursor) return id;
  throw new Problem('bad_request', 'cursor is none that was handed out.');
}
