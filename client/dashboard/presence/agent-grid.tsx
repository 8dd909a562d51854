// A grid of which only what can be seen exists is no table: its roles say what it is.
// biome-ignore-all lint/a11y/useSemanticElements: see above
// biome-ignore-all lint/a11y/useFocusableInteractive: in a grid the focus is on one row at a time
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useBoard } from '../board.ts';
import { texts } from '../texts.ts';
import { Icon } from '../ui/icons.tsx';
import { useNarrow, useVirtualRows } from '../ui/virtual-rows.ts';
import { AgentRow } from './agent-row.tsx';
import type { DeskView } from './desk-view.ts';
import { SORTS, type SortKey } from './order.ts';

const ROW = 56;
const CARD = 116;
/** What sticks to the top of the window above the rows. */
const HEAD = 40;
export const NARROW = '(max-width: 900px)';

/** All agents that are shown, as a grid of which only what can be seen exists. */
export function AgentGrid({ desk }: { desk: DeskView }) {
  const { claims } = useBoard();
  const narrow = useNarrow(NARROW);
  const selectable = claims.value?.manages ?? false;
  const ids = desk.ids.value;
  const selected = desk.selected.value;

  const [activeId, setActiveId] = useState<string | null>(null);
  const active = Math.max(0, activeId === null ? 0 : ids.indexOf(activeId));
  const list = useRef<HTMLDivElement>(null);
  const wantsFocus = useRef<string | null>(null);
  const rows = useVirtualRows({
    list,
    count: ids.length,
    rowHeight: narrow ? CARD : ROW,
    covered: narrow ? 8 : HEAD,
    keep: active,
  });

  useLayoutEffect(() => {
    if (wantsFocus.current === null || wantsFocus.current !== ids[active]) return;
    wantsFocus.current = null;
    list.current?.querySelector<HTMLElement>(`[data-index="${active}"]`)?.focus({ preventScroll: true });
  });

  const onOpen = useCallback(
    (id: string) => {
      setActiveId(id);
      desk.open.value = id;
    },
    [desk],
  );
  const lastSelected = useRef<string | null>(null);
  const onSelect = useCallback(
    (id: string, isSelected: boolean, range: boolean) => {
      const shown = desk.ids.peek();
      const from = range && lastSelected.current !== null ? shown.indexOf(lastSelected.current) : -1;
      const to = shown.indexOf(id);
      desk.select(from < 0 ? [id] : shown.slice(Math.min(from, to), Math.max(from, to) + 1), isSelected);
      lastSelected.current = id;
      setActiveId(id);
    },
    [desk],
  );

  const hold = useCallback(
    (held: boolean) => {
      desk.held.value = held;
    },
    [desk],
  );
  useEffect(() => () => hold(false), [hold]);

  function moveTo(index: number, extend: boolean): void {
    const next = Math.min(ids.length - 1, Math.max(0, index));
    const id = ids[next];
    if (id === undefined) return;
    if (extend && selectable) desk.select([ids[active]!, id], true);
    wantsFocus.current = id;
    setActiveId(id);
    rows.show(next);
  }
  function onKeyDown(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(window.innerHeight / (narrow ? CARD : ROW)) - 2);
    const target = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: ids.length - 1,
    }[event.key];
    if (target === undefined || event.altKey || event.metaKey) return;
    event.preventDefault();
    moveTo(target, event.shiftKey);
  }

  return (
    <div
      class={`grid${selectable ? ' selectable' : ''}`}
      role="grid"
      aria-label={texts.presence.gridLabel}
      aria-describedby="grid-help"
      aria-rowcount={ids.length + 1}
      aria-multiselectable={selectable || undefined}
    >
      <GridHead desk={desk} selectable={selectable} />
      <div
        ref={list}
        role="rowgroup"
        class="rows"
        style={{ height: `${rows.height}px` }}
        onKeyDown={onKeyDown}
        onPointerEnter={() => hold(true)}
        onPointerLeave={() => hold(false)}
      >
        {rows.rows.map(({ index, start }) => {
          const id = ids[index];
          return (
            id !== undefined && (
              <AgentRow
                key={id}
                id={id}
                index={index}
                top={start - rows.margin}
                focusable={index === active}
                selected={selected.has(id)}
                selectable={selectable}
                onOpen={onOpen}
                onSelect={onSelect}
              />
            )
          );
        })}
      </div>
      <p id="grid-help" class="unseen">
        {texts.presence.gridHelp}
      </p>
    </div>
  );
}

function GridHead({ desk, selectable }: { desk: DeskView; selectable: boolean }) {
  const ids = desk.ids.value;
  const selected = desk.selected.value;
  const all = ids.length > 0 && ids.every((id) => selected.has(id));
  const some = !all && ids.some((id) => selected.has(id));
  return (
    <div role="rowgroup" class="head-group">
      <div class="row head" role="row" aria-rowindex={1}>
        {selectable && (
          <div class="cell select" role="columnheader">
            <label class="tick">
              <input
                type="checkbox"
                checked={all}
                ref={(box) => {
                  if (box !== null) box.indeterminate = some;
                }}
                aria-label={texts.presence.selectAll(ids.length)}
                onClick={() => desk.select(ids, !all)}
              />
            </label>
          </div>
        )}
        {SORTS.map((key) => (
          <SortHead key={key} desk={desk} column={key} />
        ))}
      </div>
    </div>
  );
}

function SortHead({ desk, column }: { desk: DeskView; column: SortKey }) {
  const { sort, descending } = desk.view.value;
  const current = sort === column;
  const order = descending ? 'descending' : 'ascending';
  return (
    <div class={`cell head-${column}`} role="columnheader" aria-sort={current ? order : 'none'}>
      <button
        type="button"
        class={`plain sort${current ? ' current' : ''}`}
        onClick={() => desk.sortBy(column)}
      >
        {texts.presence.columns[column]}
        <Icon name={current && descending ? 'down' : 'up'} />
      </button>
    </div>
  );
}
