import type { Request } from 'express';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { addressGroup } from '../addresses.ts';
import { accountOf, type Caller, nameOf } from './caller.ts';
import type { HttpContext } from './context.ts';
import { Problem } from './problem.ts';
import { routeOf } from './request-log.ts';

/** Refusals of tokens that were good once: on Monday morning a whole office behind one NAT comes with ended logins. */
const STALE = new Set<string>(['token_expired', 'session_ended']);
const BAD = new Set<string>(['token_missing', 'token_invalid', 'forbidden', 'origin_denied']);
/**
 * Forward-auth knows yes, no and later: to nginx a 429 is a fault, and whoever is to sign in would be shown a 500. It
 * asks with whatever the visitors of the host bring, mostly from one address.
 */
const UNLIMITED = new Set(['/v1/verify']);

export interface Refusals {
  /** What a refused caller is told: their problem, or that it was one too many. Accepted calls are never counted. */
  judge(req: Request, problem: Problem): Promise<Problem>;
  /** Writes an attempt at what needs a permission into the audit log; repeated ones seldom, so that nobody floods it. */
  record(caller: Caller, needs: string, call: string): Promise<void>;
}

export function createRefusals({ engine, addressOf, log }: HttpContext): Refusals {
  const bad = new RateLimiterMemory({ points: 300, duration: 30 });
  const stale = new RateLimiterMemory({ points: 5_000, duration: 50 });
  const repeated = new RateLimiterMemory({ points: 1, duration: 60 });
  const ofAccount = new RateLimiterMemory({ points: 60, duration: 60 });

  return {
    async judge(req, problem) {
      if (UNLIMITED.has(routeOf(req))) return problem;
      const limiter = STALE.has(problem.code) ? stale : BAD.has(problem.code) ? bad : undefined;
      if (limiter === undefined || (await take(limiter, addressGroup(addressOf(req))))) return problem;
      return new Problem('rate_limited', 'Too many refused attempts from this address.');
    },

    async record(caller, needs, call) {
      const account = accountOf(caller);
      const by = nameOf(caller);
      // No id holds a control character.
      if (!(await take(repeated, [account, by, call].join('\n'))) || !(await take(ofAccount, account)))
        return;
      const entry = { type: 'access.refused', data: { by, needs, call } } as const;
      // The attempt is refused all the same.
      await engine
        .record(account, entry)
        .catch((err: unknown) => log.warn({ err }, 'a refused attempt could not be recorded'));
    },
  };
}

async function take(limiter: RateLimiterMemory, key: string): Promise<boolean> {
  return limiter.consume(key).then(
    () => true,
    () => false,
  );
}
