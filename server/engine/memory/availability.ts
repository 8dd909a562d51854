import {
  AVAILABILITY_CHANGES_PER_MINUTE,
  type AvailabilityRequest,
  type AvailabilityResult,
} from '../engine.ts';
import type { Account } from './account.ts';
import type { Agent } from './agent.ts';
import type { Step } from './step.ts';
import { sessionPush } from './transitions.ts';

const MINUTE_MS = 60_000;

export function changeAvailability(
  step: Step,
  account: Account,
  agent: Agent,
  { available, by }: AvailabilityRequest,
): AvailabilityResult {
  if (agent.shownAvailable === null) return { ok: false, code: 'not_participating' };
  if (agent.available === available) return { ok: true, available };
  if (!countChange(agent, step.now)) return { ok: false, code: 'rate_limited' };
  agent.available = available;
  agent.rev += 1;
  const type = available ? 'agent.available' : 'agent.unavailable';
  const pushes = agent.live ? [sessionPush(account, agent)] : [];
  step.emit(account, agent, pushes, [{ type, data: { agent: agent.id, cause: by.cause, by: by.id } }]);
  return { ok: true, available };
}

/** A window of a minute, counted from its first change. */
function countChange(agent: Agent, now: number): boolean {
  const { since, count } = agent.availabilityChanges;
  const fresh = now - since >= MINUTE_MS || now < since;
  if (!fresh && count >= AVAILABILITY_CHANGES_PER_MINUTE) return false;
  agent.availabilityChanges = fresh ? { since: now, count: 1 } : { since, count: count + 1 };
  return true;
}
