import type { IncomingMessage, ServerResponse } from 'node:http';
import { createComplaints, type Log } from './complaints.ts';
import { VigilUnavailable } from './errors.ts';
import { checkFunctions, checkNames, faulty } from './given.ts';
import type { Remembered } from './live-cache.ts';
import type { AgentLogin } from './tokens.ts';

export interface RequireLiveOptions<Req, Res> {
  /** Who asks, from the host's own session; null or undefined lets the request pass (it is nobody's). */
  login: (req: Req) => AgentLogin | null | undefined;
  /** The session has ended: drop the host's own session and its remember-me, and answer (401, or to the login page). */
  onEnded: (req: Req, res: Res, reason: string) => void | Promise<void>;
  /**
   * Vigil can't be asked (`error.refused`: it does not take what this host says, which no waiting mends): answer; by
   * default 503 with `Retry-After`, and the error is logged. Call `next` yourself to let it pass (fail open).
   */
  onUnavailable?: (
    req: Req,
    res: Res,
    next: (error?: unknown) => void,
    error: VigilUnavailable,
  ) => void | Promise<void>;
}

export type Gate<Req, Res> = (req: Req, res: Res, next: (error?: unknown) => void) => Promise<void>;

export interface Asking {
  check(login: AgentLogin): Promise<Remembered>;
  log: Log;
  now: () => number;
}

/** Middleware that lets only live sessions pass. */
export function createGate<Req extends IncomingMessage, Res extends ServerResponse>(
  options: RequireLiveOptions<Req, Res>,
  { check, log, now }: Asking,
): Gate<Req, Res> {
  const where = 'requireLive';
  checkNames(where, options, ['login', 'onEnded', 'onUnavailable']);
  checkFunctions(where, options, ['login', 'onEnded', 'onUnavailable']);
  const { login: loginOf, onEnded } = options;
  if (loginOf === undefined)
    throw faulty(where, 'login is missing: (req) => the login, from your own session');
  if (onEnded === undefined) throw faulty(where, 'onEnded is missing: drop your session there, and answer');

  const complain = createComplaints(log, now);
  const close: NonNullable<typeof options.onUnavailable> = (req, res, _next, error) => {
    complain(`vigil: ${error.message}`);
    answerClosed(req, res);
  };
  const onUnavailable = options.onUnavailable ?? close;

  return async (req, res, next) => {
    try {
      const login = loginOf(req);
      if (!login) return next();
      const found = await check(login);
      if (found.alive) return next();
      await onEnded(req, res, found.reason);
    } catch (error) {
      if (error instanceof VigilUnavailable) await onUnavailable(req, res, next, error);
      else next(error);
    }
  };
}

const SORRY = 'It cannot be checked just now whether you are still signed in. Please try again in a moment.';
const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>One moment, please</title>
<meta name="viewport" content="width=device-width"><body style="max-width:32em;margin:20vh auto;padding:0 1em;font:1.1em/1.5 system-ui,sans-serif">
<h1>One moment, please</h1><p>${SORRY}</p><p><a href="">Try again</a></p></body></html>
`;

/** For people who never heard of Vigil; the host's own page goes into `onUnavailable`. */
function answerClosed(req: IncomingMessage, res: ServerResponse): void {
  const isPage = /\btext\/html\b/.test(req.headers.accept ?? '');
  res.statusCode = 503;
  res.setHeader('Retry-After', '5');
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('Content-Type', `text/${isPage ? 'html' : 'plain'}; charset=utf-8`);
  res.end(isPage ? PAGE : `${SORRY}\n`);
}
