import express, { type Request, type Response } from 'express';
import { z } from 'zod';
import type { DeskContext } from '../desk-context.ts';
import { deviceName } from '../devices.ts';
import { dropLogin, findSignedIn, unreachable } from '../gate.ts';
import { LOGIN_PATH, type LoginView, loginPage } from '../pages/login.ts';
import type { Role } from '../people.ts';
import { reasonText, type SignOutReason, toReason } from '../reasons.ts';
import { returnPath } from '../return-path.ts';

const AREA: Record<Role, string> = { agent: '/desk', requester: '/help' };
const REMEMBER_ME_UNKNOWN = false;

const loginForm = z.object({
  email: z.string().max(200),
  password: z.string().max(200),
  remember: z.literal('yes').optional().catch(undefined),
  return: z.string().optional().catch(undefined),
});

/** The login form and the sign-out of one role. */
export function loginRoutes(desk: DeskContext, role: Role): express.Router {
  const router = express.Router();
  router.get(LOGIN_PATH[role], (req, res) => show(desk, role, req, res));
  router.post(LOGIN_PATH[role], (req, res) => signIn(desk, role, req, res));
  router.post(role === 'agent' ? '/logout' : '/help/logout', (req, res) => signOut(desk, role, req, res));
  return router;
}

async function show(desk: DeskContext, role: Role, req: Request, res: Response): Promise<void> {
  let reason = req.query.reason === undefined ? null : toReason(req.query.reason);
  const returnTo = returnPath(req.query.return, AREA[role]);
  const found = findSignedIn(desk, req, role);
  if (found !== null) {
    if (role === 'requester') return res.redirect(303, returnTo);
    const check = await desk.vigil.check(found);
    if (check === null) return unreachable(res, 'page');
    if (check.alive) return res.redirect(303, returnTo);
    // What Vigil says counts more than what an address says.
    reason = toReason(check.reason);
    await dropLogin(desk, res, found.session);
  }
  res.send(await render(desk, role, { reason: await why(desk, reason), returnTo }));
}

async function why(desk: DeskContext, reason: SignOutReason | null): Promise<string | null> {
  if (reason === null) return null;
  return reasonText(reason, reason === 'timeout' ? await desk.vigil.timeoutSeconds() : null);
}

async function render(
  desk: DeskContext,
  role: Role,
  view: Partial<LoginView> & Pick<LoginView, 'returnTo'>,
): Promise<string> {
  const options = await desk.vigil.loginOptions();
  return loginPage({
    role,
    rememberMe: options?.[role].rememberMe ?? REMEMBER_ME_UNKNOWN,
    reason: null,
    error: null,
    email: '',
    people: role === 'agent' ? desk.directory.agents : desk.directory.requesters,
    ...view,
  });
}

async function signIn(desk: DeskContext, role: Role, req: Request, res: Response): Promise<void> {
  const form = loginForm.safeParse(req.body);
  const returnTo = returnPath(form.data?.return, AREA[role]);
  const again = async (status: number, error: string) => {
    res.status(status).send(await render(desk, role, { returnTo, error, email: form.data?.email ?? '' }));
  };
  if (!form.success) return again(400, 'Please give your email and your password.');

  const { email, password, remember } = form.data;
  const address = req.ip ?? '';
  const wait = await desk.throttle.attempt(address, email);
  if (wait > 0) {
    res.set('Retry-After', String(wait));
    return again(429, `Too many attempts. Please wait ${minutes(wait)} and try again.`);
  }
  const person = await desk.directory.authenticate(role, email, password);
  if (person === null) return again(401, 'That email and password do not fit together.');
  await desk.throttle.succeeded(address, email);

  const options = remember === undefined ? null : await desk.vigil.loginOptions();
  const remembered = options?.[role].rememberMe ?? REMEMBER_ME_UNKNOWN;
  const login = desk.sessions.begin(person, remembered, deviceName(req.get('user-agent')));
  // The first question begins the session.
  if (role === 'agent' && !(await desk.vigil.check({ session: login.session, person }))?.alive) {
    await desk.sessions.drop(login.session);
    return again(503, 'Signing in is not possible for a moment. Please try again.');
  }
  await desk.sessions.save();
  await endEarlierLogin(desk, role, req);
  desk.cookies.write(res, role, login.id, login.session.remembered);
  res.redirect(303, returnTo);
}

/** A new login in the same browser takes the place of the one before. */
async function endEarlierLogin(desk: DeskContext, role: Role, req: Request): Promise<void> {
  const earlier = findSignedIn(desk, req, role);
  if (earlier === null) return;
  if (role === 'agent') await desk.vigil.end(earlier.session);
  await desk.sessions.drop(earlier.session);
}

async function signOut(desk: DeskContext, role: Role, req: Request, res: Response): Promise<void> {
  const found = findSignedIn(desk, req, role);
  // A button left over from the person before signs nobody out.
  if (found !== null && req.body?.form === found.session.formToken) {
    if (role === 'agent') await desk.vigil.end(found.session);
    await dropLogin(desk, res, found.session);
  }
  res.redirect(303, `${LOGIN_PATH[role]}?reason=logout`);
}

function minutes(seconds: number): string {
  const count = Math.ceil(seconds / 60);
  return count === 1 ? 'a minute' : `${count} minutes`;
}
