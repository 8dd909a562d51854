import type { Request } from 'express';
import type { Permission } from '../engine/engine.ts';
import type { ServiceToken } from '../tokens.ts';
import { type AgentCaller, type Caller, callerOf, isAllowed } from './caller.ts';
import type { HttpContext } from './context.ts';
import { Problem } from './problem.ts';
import type { Refusals } from './refusals.ts';

/** Lets callers in, or throws why not. `call` names the call in the audit log. */
export interface Gate {
  /** Any agent whose session is alive. */
  agent(req: Request): Promise<AgentCaller>;
  /** Whoever has the permission: an agent whose session is alive, or the host's backend. */
  permitted(req: Request, needs: Permission, call: string): Promise<Caller>;
  /** Whoever has the permission, or the agent itself. */
  permittedOrSelf(req: Request, needs: Permission, agent: string, call: string): Promise<Caller>;
  /** The host's backend, with the permission to manage security. */
  service(req: Request, call: string): Promise<ServiceToken>;
}

export function createGate(context: HttpContext, refusals: Refusals): Gate {
  async function refuse(caller: Caller, needs: string, call: string): Promise<never> {
    await refusals.record(caller, needs, call);
    throw new Problem('forbidden', `This call needs ${needs}.`);
  }

  return {
    async agent(req) {
      const caller = await callerOf(context, req);
      if (caller.kind === 'agent') return caller;
      throw new Problem('forbidden', 'A service token has no session.');
    },
    async permitted(req, needs, call) {
      const caller = await callerOf(context, req);
      return isAllowed(caller, needs) ? caller : refuse(caller, needs, call);
    },
    async permittedOrSelf(req, needs, agent, call) {
      const caller = await callerOf(context, req);
      const isSelf = caller.kind === 'agent' && caller.login.agent === agent;
      return isSelf || isAllowed(caller, needs) ? caller : refuse(caller, needs, call);
    },
    async service(req, call) {
      const caller = await callerOf(context, req);
      const needs = 'a service token with manage_security';
      return caller.kind === 'service' && isAllowed(caller, 'manage_security')
        ? caller
        : refuse(caller, needs, call);
    },
  };
}
