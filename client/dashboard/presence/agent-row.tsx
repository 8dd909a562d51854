// A row of a grid of which only what can be seen exists is no table: its roles say what it is.
// biome-ignore-all lint/a11y/useSemanticElements: see above
// biome-ignore-all lint/a11y/useFocusableInteractive: in a grid the focus is on one row at a time
import type { AgentPresence } from '../../../shared/presence.ts';
import { useBoard } from '../board.ts';
import { countdown, exactTime } from '../core/moments.ts';
import { texts } from '../texts.ts';
import { StateIcon } from '../ui/icons.tsx';
import { nameOf } from './order.ts';
import { reasonOf, shareLeft, shownState, stateName } from './states.ts';

export interface AgentRowProps {
  id: string;
  index: number;
  top: number;
  focusable: boolean;
  selected: boolean;
  selectable: boolean;
  onOpen(id: string): void;
  onSelect(id: string, selected: boolean, range: boolean): void;
}

/** One agent in the grid. Drawn anew when this agent changes, and each second. */
export function AgentRow(props: AgentRowProps) {
  const { roster, claims } = useBoard();
  const { id, index, top, focusable, selected, selectable, onOpen, onSelect } = props;
  const agent = roster.row(id).value;
  if (agent === undefined) return null;
  const name = nameOf(agent);

  return (
    <div
      class={`row agent is-${shownState(agent)}${selected ? ' selected' : ''}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selectable ? selected : undefined}
      data-index={index}
      data-agent={id}
      tabIndex={focusable ? 0 : -1}
      style={{ transform: `translateY(${top}px)` }}
      onClick={(event) => {
        if (!(event.target as Element).closest('button,input,label,a')) onOpen(id);
      }}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget) return;
        if (event.key === 'Enter') onOpen(id);
        else if (event.key === ' ' && selectable) onSelect(id, !selected, event.shiftKey);
        else return;
        event.preventDefault();
      }}
    >
      {selectable && (
        <div class="cell select" role="gridcell">
          <label class="tick">
            <input
              type="checkbox"
              checked={selected}
              tabIndex={-1}
              aria-label={texts.presence.selectOne(name)}
              onClick={(event) => onSelect(id, event.currentTarget.checked, event.shiftKey)}
            />
          </label>
        </div>
      )}
      <div class="cell who" role="rowheader">
        <button
          type="button"
          class="plain name"
          tabIndex={-1}
          onClick={() => onOpen(id)}
          aria-haspopup="dialog"
        >
          {name}
        </button>
        {id === claims.value?.agent && <span class="tag">{texts.presence.you}</span>}
        {name !== id && <span class="id">{id}</span>}
      </div>
      <div class="cell state" role="gridcell">
        <StateWithReason agent={agent} />
      </div>
      <Figure class="tabs" value={agent.tabs} words={texts.presence.tabs(agent.tabs)} />
      <Figure class="sessions" value={agent.sessions} words={texts.presence.sessions(agent.sessions)} />
      <div class="cell assignment" role="gridcell">
        <Assignment available={agent.available} />
      </div>
      <div class="cell until" role="gridcell">
        <Until agent={agent} />
      </div>
    </div>
  );
}

/** Where there is room the column's head says what is counted; else the figure does. */
function Figure({ class: className, value, words }: { class: string; value: number; words: string }) {
  return (
    <div class={`cell figure ${className}`} role="gridcell">
      <span class="bare" aria-hidden="true">
        {value}
      </span>
      <span class="words">{words}</span>
    </div>
  );
}

export function StateWithReason({ agent }: { agent: AgentPresence }) {
  const { now } = useBoard();
  const state = shownState(agent);
  return (
    <>
      <StateIcon state={state} />
      <span class="state-words">
        <span class="state-name">{stateName(state)}</span>
        <span class="reason" title={agent.stateSince === null ? undefined : exactTime(agent.stateSince)}>
          {reasonOf(agent, now.value)}
        </span>
      </span>
    </>
  );
}

export function Assignment({ available }: { available: boolean | null }) {
  const words = texts.presence;
  if (available === null)
    return (
      <span class="quiet" title={words.notParticipatingHint}>
        {words.notParticipating}
      </span>
    );
  return (
    <span class={`pill ${available ? 'yes' : 'no'}`}>{available ? words.available : words.unavailable}</span>
  );
}

/** What is left until the sign-out: a bar and a countdown. */
export function Until({ agent }: { agent: AgentPresence }) {
  const { now, timing } = useBoard();
  if (agent.state === 'signed_out') return <span class="quiet">{texts.none}</span>;
  const share = shareLeft(agent, now.value, timing.value?.leadMs ?? 60_000);
  return (
    <span
      class={`left${agent.warned ? ' urgent' : ''}`}
      title={texts.presence.signsOutAt(exactTime(agent.endsAt))}
    >
      <span class="left-time">{countdown(agent.endsAt - now.value)}</span>
      <span class="bar" aria-hidden="true">
        <span style={{ transform: `scaleX(${share.toFixed(3)})` }} />
      </span>
    </span>
  );
}
