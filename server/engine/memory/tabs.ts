import type { TabChange } from '../engine.ts';
import type { Account } from './account.ts';
import type { Agent } from './agent.ts';
import { closeTab, showTab } from './transitions.ts';

/** Takes what became of tabs; whose they are is noted in `unsaved`. */
export function takeTabChanges(
  now: number,
  changes: TabChange[],
  accounts: ReadonlyMap<string, Account>,
  unsaved: Map<Agent, Account>,
): void {
  for (const { account: accountId, agent: agentId, tab, visible, at } of changes) {
    const account = accounts.get(accountId);
    const agent = account?.agent(agentId);
    if (account === undefined || !agent?.tabs.has(tab)) continue;
    if (visible === null) closeTab(agent, tab, now);
    else showTab(agent, tab, visible, Math.min(at, now));
    account.feed.mark(agent, now);
    unsaved.set(agent, account);
  }
}
