import type { DeadLetter } from '../engine.ts';
import type { Account, AccountRow, Tombstone } from './account.ts';
import type { AgentRow } from './agent.ts';
import type { EngineTime } from './engine-time.ts';
import type { Store } from './store/store.ts';

/** Takes back what the store holds, and the time at which it was stored. */
export function loadAccounts(store: Store, time: EngineTime, account: (id: string) => Account): void {
  for (const { value } of store.load<{ latest: number }>('meta')) time.passed(value.latest);
  for (const { value } of store.load<AccountRow>('accounts')) account(value.id).restore(value);
  const agents = [...store.load<AgentRow>('agents')];
  // Input since the last sweep is stored, its moment is not: time goes on from there, whatever the clock says now.
  for (const { value } of agents) if (value.signedOutAt === null) time.passed(value.lastActivityAt);
  for (const { key, value } of agents) account(key[0]!).restoreAgent(value, time.now());
  for (const { key, value } of store.load<Tombstone>('ended')) account(key[0]!).bury(key[1]!, value);
  for (const { key, value } of store.load<DeadLetter>('dead'))
    account(key[0]!).deadLetters.set(key[1]!, value);
}
