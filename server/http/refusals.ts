import type { Request } from 'express';
import { addressGroup } from '../addresses.ts';
import { Attempts } from '../attempts.ts';
import { createRefusalLog } from '../refusal-log.ts';
import { accountOf, type Caller, nameOf } from './caller.ts';
import type { HttpContext } from './context.ts';
import { Problem } from './problem.ts';
import { routeOf } from './request-log.ts';

/** Refusals of tokens that were good once: on Monday morning a whole office behind one NAT comes with ended logins. */
const STALE = new Set<string>(['token_expired', 'session_ended']);
const BAD = new Set<string>(['token_missing', 'token_invalid', 'forbidden', 'origin_denied']);
/** The same that a socket is refused by. */
const BAD_RATE = { burst: 300, perSecond: 10 };
const STALE_RATE = { burst: 5_000, perSecond: 100 };
/** Of one caller at one call, and of all callers of an account. */
const REPEATED_RATE = { burst: 1, perSecond: 1 / 60 };
const ACCOUNT_RATE = { burst: 60, perSecond: 1 };
/**
 * Forward-auth knows yes, no and later: to nginx a 429 is a fault, and whoever is to sign in would be shown a 500. It
 * asks with whatever the visitors of the host bring, mostly from one address.
 */
const UNLIMITED = new Set(['/v1/verify']);

export interface Refusals {
  /** What a refused caller is told: their problem, or that it was one too many. Accepted calls are never counted. */
  judge(req: Request, problem: Problem): Problem;
  /** Writes an attempt at what needs a permission into the audit log; repeated ones seldom, so that nobody floods it. */
  record(caller: Caller, needs: string, call: string): Promise<void>;
}

export function createRefusals({ engine, addressOf, log, clock, metrics }: HttpContext): Refusals {
  const attempts = new Attempts(
    () => clock.monotonic(),
    () => metrics.dropped('address'),
  );
  const note = createRefusalLog(log, clock);

  function noteRefused(req: Request, { code, message }: Problem): void {
    const { requestId, who } = req.res!.locals;
    const reason = code === 'token_invalid' ? { reason: message } : {};
    const { origin } = req.headers;
    const call = { requestId, method: req.method, route: routeOf(req) };
    note(addressOf(req), { code, ...reason, origin, ...call, ...who }, 'refused');
  }

  return {
    judge(req, problem) {
      if (UNLIMITED.has(routeOf(req))) {
        // It asks for whoever visits the host; most of them are nobody yet. Only a bad token is worth a line.
        if (problem.code === 'token_invalid') noteRefused(req, problem);
        return problem;
      }
      const rate = STALE.has(problem.code) ? STALE_RATE : BAD.has(problem.code) ? BAD_RATE : undefined;
      if (rate === undefined) return problem;
      const kind = rate === STALE_RATE ? 'stale' : 'bad';
      const judged = attempts.take(`${kind} ${addressGroup(addressOf(req))}`, rate)
        ? problem
        : new Problem('rate_limited', 'Too many refused attempts from this address.');
      noteRefused(req, judged);
      return judged;
    },

    async record(caller, needs, call) {
      const account = accountOf(caller);
      const by = nameOf(caller);
      // No id holds a control character.
      if (!attempts.take(['call', account, by, call].join('\n'), REPEATED_RATE)) return;
      if (!attempts.take(['account', account].join('\n'), ACCOUNT_RATE)) return;
      const entry = { type: 'access.refused', data: { by, needs, call } } as const;
      // The attempt is refused all the same.
      await engine
        .record(account, entry)
        .catch((err: unknown) => log.warn({ err }, 'a refused attempt could not be recorded'));
    },
  };
}
