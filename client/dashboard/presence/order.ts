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

export function createArrangement(): Arrangement {
  const folded = new Map<string, { name: string; text: string }>();
  /** The order before: sorting what is nearly in order is cheap. */
  let before: string[] = [];

  function foldedText(agent: AgentPresence): string {
    const name = nameOf(agent);
    const known = folded.get(agent.id);
    if (known?.name === name) return known.text;
    const text = foldText(`${name}\n${agent.id}`);
    folded.set(agent.id, { name, text });
    return text;
  }

  return {
    ids(agents, view) {
      const { filter } = view;
      const wanted = foldText(view.search.trim());
      const isShown = (agent: AgentPresence): boolean =>
        (filter === null || (filter === 'warned' ? agent.warned : agent.state === filter)) &&
        (wanted === '' || foldedText(agent).includes(wanted));

      const shown: AgentPresence[] = [];
      const placed = new Set<string>();
      for (const id of before) {
        const agent = agents.get(id);
        if (agent === undefined || !isShown(agent)) continue;
        shown.push(agent);
        placed.add(id);
      }
      for (const agent of agents.values()) if (!placed.has(agent.id) && isShown(agent)) shown.push(agent);
      if (folded.size > agents.size * 2)
        for (const id of folded.keys()) if (!agents.has(id)) folded.delete(id);
      before = shown.sort(comparison(view)).map((agent) => agent.id);
      return before;
    },
  };
}

type Compare = (a: AgentPresence, b: AgentPresence) => number;

function comparison({ sort, descending }: View): Compare {
  const sign = descending ? -1 : 1;
  if (sort === 'name') return (a, b) => sign * byName(a, b);
  const key = KEYS[sort];
  return (a, b) => sign * (key(a) - key(b)) || byName(a, b);
}

function byName(a: AgentPresence, b: AgentPresence): number {
  return collator.compare(nameOf(a), nameOf(b)) || (a.id < b.id ? -1 : Number(a.id > b.id));
}

const STATE_RANK = new Map<string, number>(COUNTED.map((state, rank) => [state, rank]));

const KEYS: Record<Exclude<SortKey, 'name'>, (agent: AgentPresence) => number> = {
  state: (agent) => (agent.warned ? -1 : (STATE_RANK.get(agent.state) ?? COUNTED.length)),
  tabs: (agent) => agent.tabs,
  sessions: (agent) => agent.sessions,
  available: (agent) => (agent.available === null ? 2 : agent.available ? 0 : 1),
  endsAt: (agent) => agent.endsAt,
};
