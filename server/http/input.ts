import express, { type Request } from 'express';
import type { z } from 'zod';
import { isId } from '../../shared/ids.ts';
import { MAX_MESSAGE_BYTES } from '../../shared/protocol.ts';
import { Problem } from './problem.ts';

/** Reads a body as JSON, whatever its type is said to be. A compressed one is refused: 16 kB could become gigabytes. */
export const jsonBody = express.json({ limit: MAX_MESSAGE_BYTES, type: () => true, inflate: false });

/** The body in the shape that the schema describes. */
export function bodyOf<T>(req: Request, schema: z.ZodType<T>): T {
  if (req.body === undefined) throw new Problem('bad_request', 'A JSON body is needed.');
  const parsed = schema.safeParse(req.body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'The body' : issue.path.join('.');
  throw new Problem('invalid', `${where}: ${issue?.message ?? 'invalid'}`);
}

/** An id in the path. What can be no id is nobody's. */
export function idOf(req: Request, name: string): string {
  const id = req.params[name];
  if (!isId(id)) throw new Problem('not_found', 'There is no such thing in this account.');
  return id;
}

/** A parameter of the query; undefined where it is not given or empty. */
export function queryOf(req: Request, name: string): string | undefined {
  const value = req.query[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string') throw new Problem('bad_request', `${name} may be given once.`);
  return value;
}

/** How many entries a page may hold: what is asked for, within bounds. */
export function limitOf(req: Request, { usual, most }: { usual: number; most: number }): number {
  const text = queryOf(req, 'limit');
  if (text === undefined) return usual;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit < 1) throw new Problem('bad_request', 'limit must be a number of at least 1.');
  return Math.min(limit, most);
}

export function idQueryOf(req: Request, name: string): string | undefined {
  const id = queryOf(req, name);
  if (id !== undefined && !isId(id)) throw new Problem('bad_request', `${name} is no id.`);
  return id;
}

/** An event's id, as it is handed out for going on. */
export function eventIdOf(req: Request, name: string): string | undefined {
  const id = queryOf(req, name);
  if (id !== undefined && !/^[\w-]{1,64}$/.test(id))
    throw new Problem('bad_request', `${name} is no event's id.`);
  return id;
}
