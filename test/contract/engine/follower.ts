import type { AgentRecord, Engine, PresenceChanges } from '../../../server/engine/engine.ts';

/** Follows an account's feed the way a dashboard's gateway does: what it knows must equal what is. */
export class Follower {
  readonly known = new Map<string, AgentRecord>();
  cursor: string | null = null;
  private readonly account: string;

  constructor(account: string) {
    this.account = account;
  }

  async look(engine: Engine): Promise<PresenceChanges> {
    const changes = await engine.changes(this.account, this.cursor);
    if (changes.reset) this.known.clear();
    for (const agent of changes.agents) this.known.set(agent.id, agent);
    for (const id of changes.removed) this.known.delete(id);
    this.cursor = changes.cursor;
    return changes;
  }

  records(): AgentRecord[] {
    return [...this.known.values()].toSorted(byId);
  }
}

/** Everybody who is live, read page by page. */
export async function everybody(engine: Engine, account: string, limit = 100): Promise<AgentRecord[]> {
  const all: AgentRecord[] = [];
  for (let after: string | null = null; ; ) {
    const page: AgentRecord[] = await engine.agents(account, { after, limit });
    all.push(...page);
    if (page.length < limit) return all;
    after = page.at(-1)!.id;
  }
}

export function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : Number(a.id > b.id);
}
