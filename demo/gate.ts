import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { DeskContext } from './desk-context.ts';
import { messagePage, SAYINGS } from './pages/message.ts';
import type { Person } from './people.ts';
import { type SignOutReason, toReason } from './reasons.ts';
import type { DeskSession } from './sessions.ts';
import { loginOf } from './vigil.ts';

export interface SignedIn {
  person: Person;
  session: DeskSession;
}

/** Who is signed in, behind the gates below. */
export const agentOf = (res: Response): SignedIn => res.locals.agent as SignedIn;
export const requesterOf = (res: Response): SignedIn => res.locals.requester as SignedIn;

/** `page`: answers with redirects and pages; `call`: for the desk's own scripts, with a status and a code. */
export type Asked = 'page' | 'call';

/**
 * Lets in agents whose session is alive, which Vigil is asked for each request: the SDK in the page is the comfort,
 * this is what enforces the timeout. Where Vigil says that a session has ended, the desk's own session and the
 * remembering end with it. Where Vigil can't be asked, nobody gets in.
 */
export function agentGate(desk: DeskContext, asked: Asked): RequestHandler {
  async function ended(req: Request, res: Response, reason: string): Promise<void> {
    await dropLogin(desk, res, agentOf(res).session);
    refuse(req, res, asked, toReason(reason), '/login');
  }
  const gate = express.Router();
  gate.use(
    (req, res, next) => {
      const found = findSignedIn(desk, req, 'agent');
      if (found === null) return refuse(req, res, asked, 'unknown', '/login');
      res.locals.agent = found;
      const { ended: reason } = found.session;
      return reason === null ? next() : ended(req, res, reason);
    },
    desk.vigil.host.requireLive<Request, Response>({
      login: (req) => loginOf(agentOf(req.res!)),
      onEnded: ended,
      onUnavailable: (_req, res) => unreachable(res, asked),
    }),
    async (req, res, next) => {
      const { session } = agentOf(res);
      desk.sessions.seen(session);
      if (asked === 'page') await renewCookie(desk, req, res, session);
      next();
    },
  );
  return gate;
}

/** Requesters are no agents: Vigil keeps no session of theirs. */
export function requesterGate(desk: DeskContext): RequestHandler {
  return async (req, res, next) => {
    const found = findSignedIn(desk, req, 'requester');
    if (found === null) return refuse(req, res, 'page', 'unknown', '/help/login');
    desk.sessions.seen(found.session);
    await renewCookie(desk, req, res, found.session);
    res.locals.requester = found;
    next();
  };
}

/**
 * A form or call must carry the token of the session that its page was made for. Another site can't know it, and a tab
 * left over from the person before can't write in the name of the next.
 */
export function formGate(asked: Asked): RequestHandler {
  return (req: Request, res: Response, next: NextFunction) => {
    const { session } = (res.locals.agent ?? res.locals.requester) as SignedIn;
    const given: unknown = asked === 'call' ? req.get('x-desk-form') : req.body?.form;
    if (given === session.formToken) return next();
    if (asked === 'call') res.status(409).json({ code: 'other_login' });
    else res.status(409).send(messagePage(SAYINGS.otherLogin));
  };
}

export function findSignedIn(desk: DeskContext, req: Request, role: 'agent' | 'requester'): SignedIn | null {
  const id = desk.cookies.read(req, role);
  const session = id === undefined ? undefined : desk.sessions.find(role, id);
  const person = session === undefined ? undefined : desk.directory.find(role, session.person);
  return session === undefined || person === undefined ? null : { session, person };
}

/** Ends a login at the desk: its session, what the browser remembers of it, and the cookie. */
export async function dropLogin(desk: DeskContext, res: Response, session: DeskSession): Promise<void> {
  desk.cookies.clear(res, session.role);
  await desk.sessions.drop(session);
}

export function unreachable(res: Response, asked: Asked): void {
  res.status(503).set('Retry-After', '5');
  if (asked === 'call') res.json({ code: 'unavailable' });
  else res.send(messagePage(SAYINGS.unreachable));
}

function refuse(req: Request, res: Response, asked: Asked, reason: SignOutReason, login: string): void {
  if (asked === 'call') {
    res.status(401).json({ code: 'signed_out', reason });
    return;
  }
  const query = new URLSearchParams();
  if (reason !== 'unknown') query.set('reason', reason);
  // What was posted is not done; the way back leads to the page on which it was typed.
  const back =
    req.method === 'GET'
      ? req.originalUrl
      : (/^\/(desk|help)\/tickets\/\d+/.exec(req.originalUrl)?.[0] ?? '');
  if (back !== '' && back !== '/desk' && back !== '/help') query.set('return', back);
  res.redirect(303, query.size === 0 ? login : `${login}?${query}`);
}

const COOKIE_RENEWAL_MS = 86_400_000;

/** A remembered login stays so while it is used, and only as long as the account allows remembering at all. */
async function renewCookie(
  desk: DeskContext,
  req: Request,
  res: Response,
  session: DeskSession,
): Promise<void> {
  const id = desk.cookies.read(req, session.role);
  if (!session.remembered || id === undefined) return;
  const now = desk.clock.now();
  const options = await desk.vigil.loginOptions();
  const forgets = options !== null && !options[session.role].rememberMe;
  if (!forgets && now - session.cookieAt < COOKIE_RENEWAL_MS) return;
  session.remembered = !forgets;
  session.cookieAt = now;
  desk.cookies.write(res, session.role, id, session.remembered);
  await desk.sessions.save();
}
