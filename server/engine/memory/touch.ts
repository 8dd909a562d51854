import type { TouchReport } from '../engine.ts';
import type { Account } from './account.ts';
import type { Agent } from './agent.ts';
import type { Step } from './step.ts';
import { raiseActivity, sessionPush } from './transitions.ts';

/** Input of agents, of any accounts; answers the accounts in which somebody changed queues. Plain activity is `unsaved`. */
export function takeReports(
  step: Step,
  reports: readonly TouchReport[],
  accounts: ReadonlyMap<string, Account>,
  unsaved: Map<Agent, Account>,
): Set<Account> {
  const moved = new Set<Account>();
  for (const { account: accountId, agent: agentId, sid, at } of reports) {
    const account = accounts.get(accountId);
    const agent = account?.agentOfSid.get(sid);
    if (account === undefined || agent?.id !== agentId) continue;
    const outcome = raiseActivity(step, account, agent, Math.min(at, step.now));
    if (!outcome.raised) continue;
    account.feed.mark(agent, step.now);
    unsaved.set(agent, account);
    if (!outcome.moved) continue;
    agent.rev += 1;
    step.emit(account, agent, [sessionPush(account, agent)], outcome.events);
    moved.add(account);
  }
  return moved;
}
