import type { Spread } from './figures.ts';
import type { Report } from './judge.ts';

const SHOWN = 40;

/** A report for people. */
export function formatReport({ history, violations, judged, figures }: Report): string {
  const { profile, seed } = history.meta!;
  const events = [...history.events.values()].reduce((sum, { size }) => sum + size, 0);
  const made = new Map<string, number>();
  for (const { fault } of history.faults.values()) made.set(fault, (made.get(fault) ?? 0) + 1);
  const lines = [
    `${profile}, seed ${seed}: ${Math.round(history.doneAt / 1_000)} s, ${history.logins.size} logins, ${history.connections.size} connections, ${events} events`,
    `faults: ${[...made].map(([name, count]) => `${name} ${count}`).join(', ') || 'none'}`,
    '',
    ...table('end, ms after it was due', figures.ends),
    ...table('warning, ms after it was due', figures.warnings),
    ...table('end heard by a tab, ms after it', figures.told),
    `ended by a timeout although at work: ${figures.atWork}`,
    `the recorder was late by more than 50 ms: ${figures.recorderLate.count} times, at most ${figures.recorderLate.max} ms`,
    `complaints of nodes: ${history.complaints.length}`,
    '',
    `judged: ${[...judged].map(([name, count]) => `${name} ${count}`).join(', ')}`,
    violations.length === 0 ? 'nothing is violated' : `VIOLATED, ${violations.length} times:`,
    ...violations
      .slice(0, SHOWN)
      .map(({ invariant, t, text }) => `  ${(t / 1_000).toFixed(1)} s ${invariant}: ${text}`),
    ...(violations.length > SHOWN ? [`  and ${violations.length - SHOWN} more`] : []),
  ];
  return lines.join('\n');
}

function table(title: string, spreads: ReadonlyMap<string, Spread>): string[] {
  const rows = [...spreads].map(([name, { count, p50, p99, max }]) => {
    return `  ${name.padEnd(22)} ${String(count).padStart(7)} ${String(p50).padStart(7)} ${String(p99).padStart(7)} ${String(max).padStart(7)}`;
  });
  return [`${title.padEnd(32)}   n     p50     p99     max`, ...rows];
}
