import { useBoard } from '../board.ts';
import { texts } from '../texts.ts';
import { Icon, StateIcon } from '../ui/icons.tsx';
import { setAvailability } from './actions.ts';
import { type DeskView, stillThere } from './desk-view.ts';
import { SORTS, type SortKey } from './order.ts';
import { COUNTED, FILTERS, type Filter } from './states.ts';

/** How many there are of each state; choosing one shows only those. */
export function CountFilters({ desk }: { desk: DeskView }) {
  const { roster } = useBoard();
  const counts = roster.counts.value;
  const { filter } = desk.view.value;
  const all = COUNTED.reduce((sum, state) => sum + counts[state], 0);
  const count = (of: Filter) => (of === 'warned' ? roster.warned.value : counts[of]);
  return (
    <fieldset class="counts" aria-label={texts.presence.countsLabel}>
      <CountButton
        desk={desk}
        filter={null}
        name={texts.presence.all}
        count={all}
        current={filter === null}
      />
      {FILTERS.map((one) => (
        <CountButton
          key={one}
          desk={desk}
          filter={one}
          name={texts.state[one]}
          hint={texts.stateHint[one]}
          count={count(one)}
          current={filter === one}
        />
      ))}
    </fieldset>
  );
}

function CountButton(props: {
  desk: DeskView;
  filter: Filter | null;
  name: string;
  hint?: string;
  count: number;
  current: boolean;
}) {
  const { desk, filter, name, hint, count, current } = props;
  return (
    <button
      type="button"
      class={`count${filter === null ? '' : ` is-${filter}`}`}
      aria-pressed={current}
      title={hint}
      onClick={() => desk.change({ filter: current ? null : filter })}
    >
      <span class="count-name">
        {filter === null ? <Icon name="people" /> : <StateIcon state={filter} />}
        {name}
      </span>
      <span class="count-figure">{texts.number(count)}</span>
    </button>
  );
}

export function Toolbar({ desk }: { desk: DeskView }) {
  const { roster } = useBoard();
  const view = desk.view.value;
  roster.version.value;
  return (
    <div class="toolbar">
      <label class="search">
        <Icon name="search" />
        <span class="unseen">{texts.presence.search}</span>
        <input
          type="search"
          value={view.search}
          placeholder={texts.presence.search}
          autocomplete="off"
          spellcheck={false}
          maxLength={128}
          onInput={(event) => desk.change({ search: event.currentTarget.value })}
        />
      </label>
      <div class="sort-by">
        <label>
          <span class="unseen">{texts.presence.sortLabel}</span>
          <select
            value={view.sort}
            onChange={(event) =>
              desk.change({ sort: event.currentTarget.value as SortKey, descending: false })
            }
          >
            {SORTS.map((key) => (
              <option key={key} value={key}>
                {texts.presence.columns[key]}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          class="button icon-only"
          onClick={() => desk.change({ descending: !view.descending })}
          aria-label={view.descending ? texts.presence.sortDescending : texts.presence.sortAscending}
        >
          <Icon name={view.descending ? 'down' : 'up'} />
        </button>
      </div>
      <output class="shown" aria-live="polite">
        {texts.presence.shown(desk.ids.value.length, roster.agents.size)}
      </output>
    </div>
  );
}

/** What can be done with those who are selected. */
export function SelectionBar({ desk, onSignOut }: { desk: DeskView; onSignOut(ids: string[]): void }) {
  const board = useBoard();
  board.roster.version.value;
  const ids = stillThere(desk.selected.value, board.roster);
  if (ids.length === 0) return null;
  const take = (available: boolean) =>
    ids.filter((id) => board.roster.agents.get(id)?.available === !available);
  return (
    <div class="selection" role="toolbar" aria-label={texts.presence.selected(ids.length)}>
      <strong role="status">{texts.presence.selected(ids.length)}</strong>
      {[true, false].map((available) => {
        const concerned = take(available);
        return (
          <button
            key={String(available)}
            type="button"
            class="button"
            disabled={concerned.length === 0}
            onClick={() => void setAvailability(board, concerned, available)}
          >
            {available ? texts.action.makeAvailable : texts.action.makeUnavailable}
          </button>
        );
      })}
      <button type="button" class="button danger" onClick={() => onSignOut(ids)}>
        {texts.action.signOut}
      </button>
      <button
        type="button"
        class="button quiet-button"
        onClick={() => desk.select([...desk.selected.value], false)}
      >
        {texts.presence.clear}
      </button>
    </div>
  );
}
