import { useEffect, useState } from 'preact/hooks';
import type { VigilEvent } from '../../../shared/events.ts';
import { useBoard } from '../board.ts';
import { clockTime } from '../core/moments.ts';
import { texts } from '../texts.ts';
import { Moment } from '../ui/moment.tsx';
import { Failed, Placard, Skeleton } from '../ui/states.tsx';
import { ExportButtons } from './export-buttons.tsx';
import { type AuditFilters, filtersOf, NO_FILTERS, sameFilters } from './filters.ts';
import { useAudit } from './reading.ts';
import { eventAgent, eventCause, eventName } from './words.ts';

/** How long typing rests before the log is read again. */
const SETTLE_MS = 300;

export function AuditPage() {
  const { navigation } = useBoard();
  const [typed, setTyped] = useState<AuditFilters>(() => filtersOf(navigation.place.value.query));
  const [filters, setFilters] = useState(typed);
  const { query } = navigation.place.value;
  useEffect(() => {
    const timer = setTimeout(() => {
      setFilters((before) => (sameFilters(before, typed) ? before : typed));
      navigation.remember('audit', { ...typed });
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [navigation, typed]);
  // A link to a part of the log, followed while it is open.
  useEffect(
    () => setTyped((before) => (sameFilters(before, filtersOf(query)) ? before : filtersOf(query))),
    [query],
  );

  const log = useAudit(filters);
  return (
    <>
      <header class="page-head with-actions">
        <div>
          <h1>{texts.audit.title}</h1>
          <p class="quiet">{texts.audit.lead}</p>
        </div>
        <ExportButtons filters={filters} />
      </header>
      <Filters filters={typed} onChange={setTyped} />
      {log.newer && (
        <button type="button" class="newer" onClick={log.again}>
          {texts.audit.newer}
        </button>
      )}
      {log.error !== null && log.events.length === 0 && <Failed error={log.error} onRetry={log.again} />}
      {log.end === null && log.error === null && log.events.length === 0 && (
        <Skeleton label={texts.audit.loading} lines={8} />
      )}
      {log.end !== null && log.events.length === 0 && (
        <Placard icon="list" title={texts.audit.emptyTitle} text={texts.audit.emptyText} />
      )}
      {log.events.length > 0 && (
        <>
          <EventTable events={log.events} />
          <div class="after-table">
            {log.end ? (
              <p class="quiet small">{texts.audit.end}</p>
            ) : (
              <button type="button" class="button" disabled={log.loading} onClick={log.more}>
                {log.loading ? texts.audit.loadingMore : texts.audit.more}
              </button>
            )}
          </div>
        </>
      )}
    </>
  );
}

function Filters({ filters, onChange }: { filters: AuditFilters; onChange(filters: AuditFilters): void }) {
  const { roster } = useBoard();
  const words = texts.audit;
  const set = (change: Partial<AuditFilters>) => onChange({ ...filters, ...change });
  const isEmpty = Object.values(filters).every((value) => value === '');
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      <label>
        <span>{words.type}</span>
        <select value={filters.type} onChange={(event) => set({ type: event.currentTarget.value })}>
          <option value="">{words.allTypes}</option>
          {Object.entries(words.types).map(([type, name]) => (
            <option key={type} value={type}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{words.agent}</span>
        <input
          type="text"
          list="known-agents"
          value={filters.agent}
          placeholder={words.agentHint}
          autocomplete="off"
          spellcheck={false}
          maxLength={128}
          onInput={(event) => set({ agent: event.currentTarget.value })}
        />
      </label>
      <label>
        <span>{words.from}</span>
        <input
          type="datetime-local"
          value={filters.from}
          onInput={(event) => set({ from: event.currentTarget.value })}
        />
      </label>
      <label>
        <span>{words.to}</span>
        <input
          type="datetime-local"
          value={filters.to}
          onInput={(event) => set({ to: event.currentTarget.value })}
        />
      </label>
      <button type="button" class="button" disabled={isEmpty} onClick={() => onChange(NO_FILTERS)}>
        {words.clear}
      </button>
      <datalist id="known-agents">
        {[...roster.agents.values()].slice(0, 200).map((agent) => (
          <option key={agent.id} value={agent.id}>
            {agent.name ?? ''}
          </option>
        ))}
      </datalist>
    </form>
  );
}

const TONES: Record<string, string> = {
  'session.started': 'active',
  'session.warned': 'warned',
  'session.resumed': 'active',
  'session.ended': 'signed_out',
  'access.refused': 'warned',
};

function EventTable({ events }: { events: VigilEvent[] }) {
  const { now, nameOf } = useBoard();
  const { columns, tableLabel } = texts.audit;
  // Minutes are enough here: the table is long.
  const at = Math.floor(now.value / 60_000) * 60_000 + 60_000;
  return (
    <table class="log">
      <caption class="unseen">{tableLabel}</caption>
      <thead>
        <tr>
          <th scope="col">{columns.at}</th>
          <th scope="col">{columns.what}</th>
          <th scope="col">{columns.agent}</th>
          <th scope="col">{columns.details}</th>
        </tr>
      </thead>
      <tbody>
        {events.map((event) => {
          const agent = eventAgent(event);
          return (
            <tr key={event.id}>
              <td class="when">
                <Moment at={event.at}>{clockTime(event.at, at)}</Moment>
              </td>
              <td>
                <span class={`event-dot is-${TONES[event.type] ?? 'plain'}`} aria-hidden="true" />
                {eventName(event.type)}
              </td>
              <td>
                {agent === null ? (
                  <span class="quiet">{texts.none}</span>
                ) : (
                  <>
                    {nameOf(agent)}
                    {nameOf(agent) !== agent && <span class="id">{agent}</span>}
                  </>
                )}
              </td>
              <td class="cause">{eventCause(event, at, nameOf)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
