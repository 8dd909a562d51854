import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Navigation } from '../core/place.ts';
import { createArrangement, SORTS, type SortKey, type View } from './order.ts';
import type { Roster } from './roster.ts';
import { FILTERS } from './states.ts';

/** What is chosen on the presence page: which agents are shown, in which order, which are selected, which is open. */
export interface DeskView {
  readonly view: Signal<View>;
  readonly ids: ReadonlySignal<string[]>;
  readonly selected: Signal<ReadonlySet<string>>;
  readonly open: Signal<string | null>;
  /** While somebody points at the list it keeps its order: what is about to be clicked must not move away. */
  readonly held: Signal<boolean>;
  change(change: Partial<View>): void;
  sortBy(key: SortKey): void;
  select(ids: string[], selected: boolean): void;
}

export function createDeskView(roster: Roster, navigation: Navigation): DeskView {
  const arrangement = createArrangement();
  const view = signal(viewOf(navigation.place.value.query));
  const open = signal(navigation.place.value.query.get('agent'));
  const selected = signal<ReadonlySet<string>>(new Set());
  const held = signal(false);
  let shown: { view: View; ids: string[] } | null = null;

  // A link to a part of the list, followed while the page is there; one without a choice leaves it as it is.
  effect(() => {
    const { page, query } = navigation.place.value;
    if (page !== 'presence' || query.size === 0) return;
    view.value = viewOf(query);
    open.value = query.get('agent');
  });

  return {
    view,
    selected,
    held,
    open,
    ids: computed(() => {
      roster.version.value;
      const ids = arrangement.ids(roster.agents, view.value);
      const keeps = held.value && shown?.view === view.value;
      shown = { view: view.value, ids: keeps ? keepPlaces(shown!.ids, ids) : ids };
      return shown.ids;
    }),
    change(change) {
      view.value = { ...view.value, ...change };
    },
    sortBy(key) {
      const { sort, descending } = view.value;
      view.value = { ...view.value, sort: key, descending: sort === key && !descending };
    },
    select(ids, isSelected) {
      const next = new Set(selected.value);
      for (const id of ids) {
        if (isSelected) next.add(id);
        else next.delete(id);
      }
      selected.value = next;
    },
  };
}

function viewOf(query: URLSearchParams): View {
  return {
    filter: FILTERS.find((filter) => filter === query.get('state')) ?? null,
    search: query.get('search') ?? '',
    sort: SORTS.find((key) => key === query.get('sort')) ?? 'name',
    descending: query.get('order') === 'descending',
  };
}

/** What of the choice stands in the address. */
export function addressOf(
  { filter, search, sort, descending }: View,
  open: string | null,
): Record<string, string> {
  return {
    state: filter ?? '',
    search,
    sort: sort === 'name' ? '' : sort,
    order: descending ? 'descending' : '',
    agent: open ?? '',
  };
}

/** Those selected who still have a session. */
export function stillThere(selected: ReadonlySet<string>, roster: Roster): string[] {
  return [...selected].filter((id) => roster.agents.has(id));
}

/** The same places as before; whoever is new comes at the end. */
export function keepPlaces(before: readonly string[], now: readonly string[]): string[] {
  const there = new Set(now);
  const known = new Set(before);
  return [...before.filter((id) => there.has(id)), ...now.filter((id) => !known.has(id))];
}
