import { deadlineOf, warnAtOf } from '../../../shared/deadline.ts';
import type { PolicySettings } from '../../../shared/policy.ts';
import type { Policy, PolicyRequest } from '../engine.ts';
import type { Account } from './account.ts';
import type { Step } from './step.ts';

export function changePolicy(
  step: Step,
  account: Account,
  { settings, by, ifVersion }: PolicyRequest,
): { ok: true; policy: Policy } | { ok: false; policy: Policy } {
  const before = account.policy;
  if (ifVersion !== undefined && ifVersion !== before.version) return { ok: false, policy: before };
  if (sameSettings(before, settings)) return { ok: true, policy: before };
  const policy: Policy = {
    ...settingsOf(settings),
    version: before.version + 1,
    updatedAt: step.now,
    updatedBy: by,
  };
  account.storedPolicy = policy;
  // `waiting` is ordered by activity and needs nothing; the few who are warned are judged anew by the next sweep.
  account.warned.rescoreAll(step.now);
  account.feed.reset();
  step.accountChanged(account);
  const data = { by, before: settingsOf(before), after: settingsOf(settings) };
  step.emit(account, null, [{ type: 'policy', policy }], [{ type: 'policy.changed', data }]);
  return { ok: true, policy };
}

function settingsOf({ timeoutSeconds, rememberMe }: PolicySettings): PolicySettings {
  return { timeoutSeconds, rememberMe: { agent: rememberMe.agent, requester: rememberMe.requester } };
}

function sameSettings(a: PolicySettings, b: PolicySettings): boolean {
  return (
    a.timeoutSeconds === b.timeoutSeconds &&
    a.rememberMe.agent === b.rememberMe.agent &&
    a.rememberMe.requester === b.rememberMe.requester
  );
}

const HOUR_MS = 3_600_000;

/** Whom a timeout would sign out, if nobody did anything from now on. */
export function previewTimeout(
  account: Account,
  timeoutSeconds: number,
  now: number,
): { agents: number; dueNow: number; dueWithinHour: number } {
  const timing = account.timingFor(timeoutSeconds);
  const activity = account.liveAgents().map((agent) => agent.lastActivityAt);
  return {
    agents: activity.length,
    dueNow: activity.filter((at) => warnAtOf(at, timing) <= now).length,
    dueWithinHour: activity.filter((at) => deadlineOf(at, timing) <= now + HOUR_MS).length,
  };
}
