import { endsAtOf, warnAtOf } from '../../../shared/deadline.ts';
import type { Account } from './account.ts';
import type { Agent } from './agent.ts';
import type { DueAccounts } from './due.ts';
import type { Gap } from './engine-time.ts';
import type { Step } from './step.ts';
import { endSessions, resume, warn } from './transitions.ts';

/** Transitions of one account, and of all, in one sweep. */
const ACCOUNT_BATCH = 200;
const SWEEP_BATCH = 1_000;

/** Does what is due, account by account, a bounded batch. */
export function sweepDue(step: Step, due: DueAccounts, gap: Gap): void {
  let budget = SWEEP_BATCH;
  for (const account of due.at(step.now)) {
    if (budget <= 0) break;
    const batch = Math.min(budget, ACCOUNT_BATCH);
    const done = sweepAccount(step, account, gap, batch);
    budget -= done;
    due.track(account);
    if (done === batch) due.postpone(account, step.now);
  }
}

/** Does what is due in one account, at most `budget` transitions; answers how many it did. */
function sweepAccount(step: Step, account: Account, gap: Gap, budget: number): number {
  markGap(step, account, gap);
  let left = budget;
  while (left > 0 && account.warned.headScore() <= step.now) {
    judge(step, account, agentAtHead(account, 'warned'), gap);
    left -= 1;
  }
  const { timeoutMs, leadMs } = account.timing;
  while (left > 0 && account.waiting.headScore() <= step.now - timeoutMs + leadMs) {
    warn(step, account, agentAtHead(account, 'waiting'));
    left -= 1;
  }
  while (left > 0 && account.departed.headScore() <= step.now) {
    forgetAgent(step, account);
    left -= 1;
  }
  while (left > 0 && account.buried.headScore() <= step.now) {
    forgetTombstone(step, account);
    left -= 1;
  }
  return budget - left;
}

function agentAtHead(account: Account, queue: 'waiting' | 'warned' | 'departed'): Agent {
  return account.agents.get(account[queue].head()!.member)!;
}

/** After a gap everybody in `warned` is looked at again, before any end. */
function markGap(step: Step, account: Account, gap: Gap): void {
  // Not by their moments: a clock that was set back may meet one again.
  if (account.gapSeen === gap) return;
  account.gapSeen = gap;
  if (gap.steppedBack) pullBackActivity(step, account);
  account.warned.rescoreAll(gap.at);
}

/** A warned agent whose moment may have come is judged under the policy of now. */
function judge(step: Step, account: Account, agent: Agent, gap: Gap): void {
  const { timing } = account;
  const warnedAt = agent.warnedAt!;
  const endsAt = endsAtOf(agent.lastActivityAt, warnedAt, timing);
  if (warnAtOf(agent.lastActivityAt, timing) > step.now) {
    resume(step, account, agent);
  } else if (warnedAt < gap.at || warnedAt > step.now) {
    warn(step, account, agent);
  } else if (endsAt > step.now) {
    account.warned.set(agent.key, endsAt);
  } else {
    const sids = agent.loginsByAge().map(([sid]) => sid);
    endSessions(step, account, agent, sids, 'timeout', {});
  }
}

function pullBackActivity(step: Step, account: Account): void {
  for (const key of account.waiting.above(step.now)) {
    const agent = account.agents.get(key)!;
    agent.lastActivityAt = step.now;
    account.waiting.set(key, step.now);
    step.changed(account, agent);
  }
  for (const key of account.warned.members()) {
    const agent = account.agents.get(key)!;
    agent.lastActivityAt = Math.min(agent.lastActivityAt, step.now);
    step.changed(account, agent);
  }
}

function forgetAgent(step: Step, account: Account): void {
  const agent = agentAtHead(account, 'departed');
  account.departed.delete(agent.key);
  account.agents.delete(agent.key);
  step.forget(account, agent);
}

function forgetTombstone(step: Step, account: Account): void {
  const sid = account.buried.head()!.member;
  account.buried.delete(sid);
  account.tombstones.delete(sid);
  step.buried(account, sid, null);
}
