import type { AgentRecord, PresenceChanges } from '../engine.ts';
import { encodeId } from '../ids.ts';
import type { Account } from './account.ts';
import { type Agent, agentRecord } from './agent.ts';

export function readPage(
  account: Account,
  { after, limit }: { after: string | null; limit: number },
): AgentRecord[] {
  const { timing } = account;
  const afterKey = after === null ? '' : encodeId(after);
  return inOrder(account.liveAgents())
    .filter((agent) => agent.key > afterKey)
    .slice(0, limit)
    .map((agent) => agentRecord(agent, timing));
}

export function readChanges(account: Account, since: string | null, now: number): PresenceChanges {
  const { timing } = account;
  const { cursor, agents } = account.feed.since(since, now);
  const changed = agents ?? account.liveAgents();
  return {
    cursor,
    reset: agents === null,
    agents: inOrder(changed.filter((agent) => agent.live)).map((agent) => agentRecord(agent, timing)),
    removed: inOrder(changed.filter((agent) => !agent.live)).map((agent) => agent.id),
  };
}

function inOrder(agents: Agent[]): Agent[] {
  return agents.sort((a, b) => (a.key < b.key ? -1 : 1));
}

export function readTotals(accounts: Iterable<Account>): { live: number; warned: number } {
  const totals = { live: 0, warned: 0 };
  for (const { waiting, warned } of accounts) {
    totals.live += waiting.size + warned.size;
    totals.warned += warned.size;
  }
  return totals;
}
