import type { Request } from 'express';
import type { SessionView } from '../../shared/protocol.ts';
import type { Login, Permission } from '../engine/engine.ts';
import { type ServiceToken, TokenRefused } from '../tokens.ts';
import type { HttpContext } from './context.ts';
import { Problem } from './problem.ts';

/** An agent whose session is alive. Permissions are those of the newest token, whichever came with the call. */
export interface AgentCaller {
  kind: 'agent';
  login: Login;
  session: SessionView;
  permissions: Permission[];
}

export type Caller = AgentCaller | ServiceToken;

/** Who calls, by the `Authorization` header unless another token is given. Throws what refuses them. */
export async function callerOf(
  context: HttpContext,
  req: Request,
  token: string | undefined = bearerOf(req),
): Promise<Caller> {
  const caller = await callerByToken(context, token);
  noteCaller(req, caller);
  return caller;
}

/** Notes who called, for the log. */
function noteCaller(req: Request, caller: Caller): void {
  if (req.res === undefined) return;
  const who = caller.kind === 'agent' ? { agent: nameOf(caller) } : { service: nameOf(caller) };
  req.res.locals.who = { account: accountOf(caller), ...who };
}

/** The first sight of a login begins its session; an ended one is refused, whatever the token says. */
async function callerByToken({ engine, tokens }: HttpContext, token: string | undefined): Promise<Caller> {
  const verified = await tokens.verify(token, () => engine.now());
  if (verified.kind === 'service') return verified;
  const { login } = verified;
  const admission = await engine.admit(login);
  if (admission.ok)
    return { kind: 'agent', login, session: admission.session, permissions: admission.permissions };
  if (admission.code === 'token_invalid')
    throw new TokenRefused('token_invalid', 'This sid belongs to another agent.');
  throw new Problem('session_ended', 'The session has ended: the person signs in again.', admission.reason);
}

/** The token of the `Authorization` header; undefined where it holds none. */
export function bearerOf(req: Request): string | undefined {
  const [, token] = /^bearer +(.*)$/i.exec(req.headers.authorization ?? '') ?? [];
  return token?.trim();
}

/** Under which account a caller acts. */
export function accountOf(caller: Caller): string {
  return caller.kind === 'agent' ? caller.login.account : caller.account;
}

/** Who a caller is, as it stands in the audit log. */
export function nameOf(caller: Caller): string {
  return caller.kind === 'agent' ? caller.login.agent : caller.subject;
}

export function isAllowed(caller: Caller, needs: Permission): boolean {
  const { permissions } = caller;
  return (
    permissions.includes(needs) || (needs === 'view_presence' && permissions.includes('manage_security'))
  );
}
