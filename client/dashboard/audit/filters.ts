import type { VigilEvent } from '../../../shared/events.ts';

/** What is looked for in the audit log. Moments are local, as the browser's own fields give them (`2026-11-23T14:00`). */
export interface AuditFilters {
  type: string;
  agent: string;
  from: string;
  to: string;
}

export const NO_FILTERS: AuditFilters = { type: '', agent: '', from: '', to: '' };

export function sameFilters(a: AuditFilters, b: AuditFilters): boolean {
  return a.type === b.type && a.agent === b.agent && a.from === b.from && a.to === b.to;
}

export function filtersOf(query: URLSearchParams): AuditFilters {
  const text = (name: string) => query.get(name) ?? '';
  return { type: text('type'), agent: text('agent'), from: text('from'), to: text('to') };
}

/** The query of the call; time is left out: the log is read newest first, and read no further than it has to be. */
export function queryOf({ type, agent }: AuditFilters, more: Record<string, string>): string {
  const given = Object.entries({ type, agent: agent.trim(), ...more }).filter(([, value]) => value !== '');
  return String(new URLSearchParams(given));
}

export interface TimeRange {
  from: number;
  to: number;
}

/** The span of time that is looked for; the whole minute that `to` names belongs to it. */
export function rangeOf({ from, to }: AuditFilters): TimeRange {
  return {
    from: momentOf(from) ?? Number.NEGATIVE_INFINITY,
    to: (momentOf(to) ?? Number.POSITIVE_INFINITY) + 59_999,
  };
}

function momentOf(local: string): number | null {
  const at = local === '' ? Number.NaN : new Date(local).getTime();
  return Number.isNaN(at) ? null : at;
}

/** Events of a page that lie in a span, and whether older pages may hold more of them. */
export function within(
  events: readonly VigilEvent[],
  { from, to }: TimeRange,
): { events: VigilEvent[]; older: boolean } {
  const oldest = events.at(-1);
  return {
    events: events.filter(({ at }) => at >= from && at <= to),
    older: oldest === undefined || oldest.at >= from,
  };
}
