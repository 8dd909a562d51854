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

/** The query of the call. */
export function queryOf({ type, agent, from, to }: AuditFilters, more: Record<string, string>): string {
  const start = momentOf(from);
  const end = momentOf(to);
  const given = {
    type,
    agent: agent.trim(),
    from: start === null ? '' : String(start),
    // The whole minute that is named belongs to the span.
    to: end === null ? '' : String(end + 59_999),
    ...more,
  };
  return String(new URLSearchParams(Object.entries(given).filter(([, value]) => value !== '')));
}

function momentOf(local: string): number | null {
  const at = local === '' ? Number.NaN : new Date(local).getTime();
  return Number.isNaN(at) || at < 0 ? null : at;
}
