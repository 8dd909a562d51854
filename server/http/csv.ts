import type { VigilEvent } from '../../shared/events.ts';

/** What a spreadsheet takes for the start of a formula; ids and names are whatever people chose. */
const FORMULA = /^[\s]*[=+\-@\t\r\n＝＋－＠|%]/u;

const COLUMNS = ['id', 'time', 'type', 'agent', 'by', 'reason', 'details'] as const;

export const CSV_HEADER = line(COLUMNS);

/** One entry of the audit log as a line of CSV (RFC 4180), safe to open in a spreadsheet. */
export function csvLine({ id, at, type, data }: VigilEvent): string {
  const facts: Record<string, unknown> = { ...data };
  const text = (name: string) => (typeof facts[name] === 'string' ? facts[name] : '');
  const reason = text('reason') || text('cause') || text('needs');
  return line([
    id,
    new Date(at).toISOString(),
    type,
    text('agent'),
    text('by'),
    reason,
    JSON.stringify(data),
  ]);
}

function line(cells: readonly string[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

/** Quoted always; a text that a spreadsheet would compute gets an apostrophe in front, which makes it text. */
function cell(text: string): string {
  return `"${(FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
}
