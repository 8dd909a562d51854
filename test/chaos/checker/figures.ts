import { NODE, REDIS } from './circumstances.ts';
import type { SeenEvent } from './history.ts';
import type { Case } from './verdict.ts';

/** How late: the moments of one circumstance, in ms, sorted. */
export interface Spread {
  count: number;
  p50: number;
  p99: number;
  max: number;
}

export interface Figures {
  /** From when an end was due to when it was carried out, by the engine's clock; by what had gone wrong before. */
  ends: Map<string, Spread>;
  /** From when an end was carried out to when a tab heard of it. */
  told: Map<string, Spread>;
  warnings: Map<string, Spread>;
  /** Ends of agents who never stopped working. */
  atWork: number;
  recorderLate: Spread;
}

const AFTER_MS = 8_000;
export const SEVERAL = 'several at once';
const RENEWS = new Set(['session.resumed', 'session.started', 'session.ended']);

export function measure(c: Case): Figures {
  const [ends, warnings, told] = [new Map(), new Map(), new Map()] as Map<string, number[]>[];
  let atWork = 0;
  for (const { seen, events, place } of c.ends()) {
    if (seen.event.data.reason !== 'timeout') continue;
    if (isSteady(c, seen) && seen.seenAt < c.history.quietAt) atWork += 1;
    const first = firstWarning(events, place);
    const moment = c.circumstances.momentOf(seen.event.at, seen.seenAt);
    if (first === undefined || moment === null) continue;
    const lateMs = seen.event.at - first.data.endsAt;
    const dueAt = moment - Math.max(0, lateMs);
    // A machine that stood still was not late by itself.
    if (c.circumstances.recorderLate(dueAt, moment, 100)) continue;
    if (c.circumstances.during(dueAt - 12_000, moment, /^(clock|policy)/, AFTER_MS).length > 0) continue;
    note(ends!, whatWentWrong(c, dueAt - c.leadMs, moment), lateMs);
    const warnLateMs = first.at - (first.data.deadlineAt - c.leadMs);
    note(
      warnings!,
      whatWentWrong(c, dueAt - c.leadMs - Math.max(0, warnLateMs), dueAt - c.leadMs),
      warnLateMs,
    );
  }
  for (const { heard } of c.history.connections.values()) {
    for (const { t, e, m } of heard) {
      if (e !== 'ended') continue;
      const moment = c.circumstances.momentOf(m.endedAt, t);
      if (moment === null || c.circumstances.clockStepped(moment - 3_000, t)) continue;
      note(told!, whatWentWrong(c, moment, t), t - moment);
    }
  }
  return {
    ends: spreads(ends!),
    told: spreads(told!),
    warnings: spreads(warnings!),
    atWork,
    recorderLate: spread(c.history.late.map(({ ms }) => ms)),
  };
}

function isSteady(c: Case, { event }: SeenEvent): boolean {
  return (event.data.sessions as string[]).some((sid) => c.history.logins.get(sid)?.kind === 'steady');
}

/**
 * The first of the warnings that led to this end: later ones gave the lead anew. A login is activity; where one begins after a
 * warning, what was warned of was lost with Redis's data.
 */
function firstWarning(events: SeenEvent[], place: number): SeenEvent['event'] | undefined {
  let first: SeenEvent['event'] | undefined;
  for (let at = place - 1; at >= 0; at -= 1) {
    const { event } = events[at]!;
    if (RENEWS.has(event.type)) break;
    if (event.type === 'session.warned') first = event;
  }
  return first;
}

/** What had gone wrong: the last grave fault, the last other one, or several parts at once. */
function whatWentWrong(c: Case, from: number, to: number): string {
  const faults = c.circumstances.during(from, to, /./, AFTER_MS);
  const grave = faults.filter(({ fault }) => NODE.test(fault) || REDIS.test(fault));
  const made = grave.filter(({ fault }) => fault !== 'redis-moved');
  if (
    made.length > 1 ||
    (made.some(({ fault }) => NODE.test(fault)) && grave.some(({ fault }) => REDIS.test(fault)))
  )
    return SEVERAL;
  return (made.at(-1) ?? grave.at(-1) ?? faults.at(-1))?.fault ?? 'healthy';
}

function note(into: Map<string, number[]>, name: string, value: number): void {
  const list = into.get(name);
  if (list === undefined) into.set(name, [value]);
  else list.push(value);
}

function spreads(by: Map<string, number[]>): Map<string, Spread> {
  return new Map(
    [...by].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, values]) => [name, spread(values)]),
  );
}

function spread(values: number[]): Spread {
  const sorted = values.map(Math.round).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? 0 };
}
