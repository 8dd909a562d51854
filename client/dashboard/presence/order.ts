import type { AgentPresence } from '../../../shared/presence.ts';
import { COUNTED, type Filter } from './states.ts';

export const SORTS = ['name', 'state', 'tabs', 'sessions', 'available', 'endsAt'] as const;
export type SortKey = (typeof SORTS)[number];

export interface View {
  filter: Filter | null;
  search: string;
  sort: SortKey;
  descending: boolean;
}

/** Keeps a list of agents filtered and in order, at little cost where few of them changed. */
export interface Arrangement {
  ids(agents: ReadonlyMap<string, AgentPresence>, view: View): string[];
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** As people search: without regard to case and accents. */
export function foldText(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase();
}

export function nameOf(agent: { id: string; name: string | null }): string {
  return agent.name ?? agent.id;
}

interface Entry {
  name: string;
  folded: string;
  /** Its place when all are ordered by name: comparing names as people do is dear, comparing places is not. */
  rank: number;
}

export function createArrangement(): Arrangement {
  const entries = new Map<string, Entry>();
  /** Everybody, by name. */
  let byName: string[] = [];
  /** The order before: sorting what is nearly in order is cheap. */
  let before: string[] = [];

  /** Takes note of who came, left, or is called otherwise now. */
  function follow(agents: ReadonlyMap<string, AgentPresence>): void {
    let moved = false;
    for (const agent of agents.values()) {
      const name = nameOf(agent);
      const known = entries.get(agent.id);
      if (known?.name === name) continue;
      if (known === undefined) byName.push(agent.id);
      entries.set(agent.id, { name, folded: foldText(`${name}\n${agent.id}`), rank: 0 });
      moved = true;
    }
    if (entries.size > agents.size) {
      for (const id of entries.keys()) if (!agents.has(id)) entries.delete(id);
      byName = byName.filter((id) => entries.has(id));
    }
    if (!moved) return;
    byName.sort((a, b) => collator.compare(entries.get(a)!.name, entries.get(b)!.name) || (a < b ? -1 : 1));
    byName.forEach((id, rank) => {
      entries.get(id)!.rank = rank;
    });
  }

  return {
    ids(agents, view) {
      follow(agents);
      const { filter, sort, descending } = view;
      const wanted = foldText(view.search.trim());
      const isShown = (agent: AgentPresence | undefined): agent is AgentPresence =>
        agent !== undefined &&
        (filter === null || (filter === 'warned' ? agent.warned : agent.state === filter)) &&
        (wanted === '' || entries.get(agent.id)!.folded.includes(wanted));

      if (sort === 'name') {
        const ids = byName.filter((id) => isShown(agents.get(id)));
        return descending ? ids.reverse() : ids;
      }
      const placed = new Set(before);
      const order = [...before, ...byName.filter((id) => !placed.has(id))];
      const shown = order.map((id) => agents.get(id)).filter(isShown);
      const key = KEYS[sort];
      const sign = descending ? -1 : 1;
      shown.sort((a, b) => sign * (key(a) - key(b)) || entries.get(a.id)!.rank - entries.get(b.id)!.rank);
      before = shown.map((agent) => agent.id);
      return before;
    },
  };
}

const STATE_RANK = new Map<string, number>(COUNTED.map((state, rank) => [state, rank]));

const KEYS: Record<Exclude<SortKey, 'name'>, (agent: AgentPresence) => number> = {
  state: (agent) => (agent.warned ? -1 : (STATE_RANK.get(agent.state) ?? COUNTED.length)),
  tabs: (agent) => agent.tabs,
  sessions: (agent) => agent.sessions,
  available: (agent) => (agent.available === null ? 2 : agent.available ? 0 : 1),
  endsAt: (agent) => agent.endsAt,
};
