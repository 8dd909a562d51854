import type { VigilEvent } from '../../shared/events.ts';
import type { DeliveryClaim, DeliveryOutcome, Engine } from '../engine/engine.ts';
import { GIVE_UP_MS, retryAfterMs } from './backoff.ts';
import { type BatchResult, sendBatch } from './batch.ts';
import type { PostResult } from './post.ts';

/** Events read at once: so many may be delivered beyond one that fails. */
const BATCH = 200;

type Failure = Extract<PostResult, { taken: false }>;

export interface TurnOptions {
  engine: Engine;
  random: () => number;
  send: (event: VigilEvent) => Promise<PostResult>;
  mayStart: () => boolean;
  /** Delivered by this node although something before them was not: they are not sent again. */
  ahead: ReadonlySet<string>;
}

export interface Turn {
  outcome: DeliveryOutcome;
  /** The failure that the outcome speaks of. */
  failure: Failure | null;
  ahead: Set<string>;
}

/** One claim: sends what the account owes, as much as one turn allows, then dead letters that were asked for again. */
export async function takeTurn(claim: DeliveryClaim, options: TurnOptions): Promise<Turn> {
  const { engine, send, mayStart } = options;
  const { account, after, last } = claim;
  const read = await engine.events(account, { after, limit: BATCH });
  const events = read.filter(({ id }) => id <= last);
  const unsent = events.filter(({ id }) => !options.ahead.has(id));
  const result = await sendBatch(unsent, send, mayStart);
  for (const id of options.ahead) result.delivered.add(id);

  const turn = judge(claim, events, result, { now: engine.now(), random: options.random() });
  // Nothing is left up to `last`, also where the audit log has dropped it.
  if (turn.failure === null && turn.settled === events.length && events.length < BATCH)
    Object.assign(turn.outcome, { upTo: last, failing: null });
  if (turn.failure === null && claim.resending > 0) turn.outcome.resent = await resend(claim, options);
  return turn;
}

/** What came of a batch. */
function judge(
  claim: DeliveryClaim,
  events: readonly VigilEvent[],
  { delivered, failed }: BatchResult,
  { now, random }: { now: number; random: number },
): Turn & { settled: number } {
  let settled = events.findIndex(({ id }) => !delivered.has(id));
  if (settled === -1) settled = events.length;
  const head = events[settled];
  const headFailure = head && failed.get(head.id);
  const failure = headFailure ?? [...failed.values()][0] ?? null;
  const since = settled > 0 || claim.failing === null ? now : claim.failing.since;
  const attempts = settled > 0 || claim.failing === null ? 1 : claim.failing.attempts + 1;
  const isHopeless =
    head !== undefined &&
    headFailure !== undefined &&
    Math.max(since, head.at) <= now - GIVE_UP_MS &&
    !headFailure.gone;
  const dead = isHopeless ? [{ event: head, error: headFailure.error }] : [];
  if (isHopeless) settled += 1;

  // A receiver that wants nothing more is asked again by a process that is started anew.
  const unreachable = failure !== null && (failure.unreachable || failure.gone);
  const stillFailing = { attempts, since, unreachable };
  return {
    settled,
    failure,
    ahead: new Set(events.slice(settled).flatMap(({ id }) => (delivered.has(id) ? [id] : []))),
    outcome: {
      account: claim.account,
      claim: claim.claim,
      upTo: events[settled - 1]?.id ?? claim.after,
      failing: failure === null ? (settled > 0 ? null : claim.failing) : stillFailing,
      retryInMs: failure === null || isHopeless ? 0 : retryAfterMs(attempts, random),
      oldestAt: events[settled]?.at ?? events.at(-1)?.at ?? now,
      dead,
      resent: [],
    },
  };
}

/** Each once: what is not taken stays a dead letter. */
async function resend(
  { account }: DeliveryClaim,
  { engine, send, mayStart }: TurnOptions,
): Promise<DeliveryOutcome['resent']> {
  const letters = await engine.deliveries.deadLetters(account);
  const events = letters.filter(({ resending }) => resending).map(({ event }) => event);
  const { delivered, failed } = await sendBatch(events, send, mayStart);
  if (failed.size > 0) return events.map(({ id }) => ({ id, taken: delivered.has(id) }));
  return [...delivered].map((id) => ({ id, taken: true }));
}
