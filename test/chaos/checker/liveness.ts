import { CLOCK, LOSSY, REDIS } from './circumstances.ts';
import type { Spread } from './figures.ts';
import type { Case } from './verdict.ts';

/** When nobody does anything any more, every session ends. */
export function everySessionEnds(c: Case): void {
  if (c.history.quietAt === Number.POSITIVE_INFINITY) return;
  const ended = new Set<string>();
  for (const { seen } of c.ends()) for (const sid of seen.event.data.sessions as string[]) ended.add(sid);
  for (const { sid, agent, upAt, heard, closedAt } of c.history.connections.values()) {
    const over = ended.has(sid) || heard.some(({ e }) => e === 'ended');
    if (over || upAt === Number.POSITIVE_INFINITY) continue;
    // Only of a login with an open tab can the recorder know that a loss did not take it.
    const lossy = c.circumstances.faults.some(({ fault }) => LOSSY.test(fault));
    if (lossy && closedAt < c.history.quietAt) continue;
    c.expect('every-session-ends', false, c.history.doneAt, () => `${sid} of ${agent} has not ended`);
  }
  c.judged.set('every-session-ends', ended.size);
}

/** Where nothing is wrong, an end is not late by more than this, also on a machine that has more to do than it can. */
const OVERDUE_MS = 4_000;

const DELAYING = /^(node|half|redis|clock|policy)/;

/** Nobody stays signed in for longer, where nothing explains it. */
export function notOverdue(c: Case): void {
  for (const { agent, seen, events, place } of c.ends()) {
    if (seen.event.data.reason !== 'timeout') continue;
    const endedAt = c.circumstances.momentOf(seen.event.at, seen.seenAt);
    const warned = events.slice(0, place).findLast(({ event }) => event.type === 'session.warned')?.event;
    if (endedAt === null || warned === undefined) continue;
    const lateMs = seen.event.at - warned.data.endsAt;
    if (c.circumstances.during(endedAt - lateMs - c.leadMs, endedAt, DELAYING, 5_000).length > 0) continue;
    if (c.circumstances.recorderLate(endedAt - lateMs, endedAt)) continue;
    c.expect(
      'overdue',
      lateMs <= OVERDUE_MS,
      seen.seenAt,
      () => `${agent} was ended (${seen.event.id}) ${lateMs} ms late`,
    );
  }
}

/** How late ends may be where one thing is wrong (docs/reliability.md): ms, of 99 in 100 and of all. */
const PROMISED: [circumstance: RegExp, p99: number, max: number][] = [
  [/^(healthy|receiver-hangs)$/, 250, 1_000],
  // All tabs come back at once, to nodes and a crowd that share two cores.
  [/^(herd|balancer-reload)$/, 1_000, 2_000],
  [/^(node-|half-open)/, 5_000, 5_000],
  [/^redis-(kill|stop|split|failover|moved|wipe|replica-kill)$/, 10_000, 10_000],
];

/** With more at once, or a Redis that is slow, nothing is promised. */
export function asLateAsPromised(c: Case, ends: ReadonlyMap<string, Spread>): void {
  for (const [circumstance, { count, p99, max }] of ends) {
    const promised = PROMISED.find(([kind]) => kind.test(circumstance));
    if (promised === undefined) continue;
    const holds = max <= promised[2] && (count < 100 || p99 <= promised[1]);
    c.expect('as-late-as-promised', holds, c.history.doneAt, () => {
      return `${circumstance}: ends were late by ${max} ms at most, p99 ${p99} ms; ${promised[1]} and ${promised[2]} are promised`;
    });
  }
}

/** After a time in which nobody watched the clock, whoever was warned is warned anew before anyone is ended. */
export function warnedAnew(c: Case): void {
  const UNWATCHED_MS = 4_000;
  // In a Cluster one master that is away makes a node unready, and the accounts of the others are swept on.
  if (c.history.meta?.profile === 'cluster') return;
  const spans = c.circumstances.blindSpans().filter(({ from, to }) => to - from >= UNWATCHED_MS);
  for (const { agent, seen, events, place } of c.ends()) {
    if (seen.event.data.reason !== 'timeout') continue;
    const endedAt = c.circumstances.momentOf(seen.event.at, seen.seenAt);
    if (endedAt === null || c.circumstances.clockStepped(endedAt - 30_000, endedAt)) continue;
    const warned = events.slice(0, place).findLast(({ event }) => event.type === 'session.warned')?.event;
    if (warned === undefined) continue;
    const warnedAt = endedAt - (seen.event.at - warned.at);
    const span = spans.find(
      ({ from, to }) => warnedAt < from && endedAt > from + UNWATCHED_MS && endedAt < to + 60_000,
    );
    c.expect('warned-anew', span === undefined, seen.seenAt, () => {
      return `${agent} was warned ${Math.round(span!.from - warnedAt)} ms before nobody watched for ${Math.round(span!.to - span!.from)} ms, and ended ${Math.round(endedAt - span!.to)} ms after`;
    });
  }
}

/** Nobody at work with an open tab is signed out, whatever becomes of Redis; where a node is struck, no report may arrive. */
export function nobodyAtWork(c: Case): void {
  for (const { agent, seen } of c.ends()) {
    const { event, seenAt } = seen;
    const atWork = (event.data.sessions as string[]).some(
      (sid) => c.history.logins.get(sid)?.kind === 'steady',
    );
    if (event.data.reason !== 'timeout' || !atWork || seenAt > c.history.quietAt) continue;
    const struck = wasOnStruckNode(c, agent, seenAt - c.timeoutMs - c.leadMs, seenAt);
    const stepped = c.circumstances.during(seenAt - c.timeoutMs, seenAt, CLOCK, 10_000);
    // Who typed nothing for want of time was not at work.
    const idle = c.circumstances.recorderLate(seenAt - c.timeoutMs - c.leadMs, seenAt, 1_500);
    const excused = struck || stepped.length > 0 || idle;
    const where = c.circumstances
      .during(seenAt - c.timeoutMs, seenAt, REDIS, 10_000)
      .map(({ fault }) => fault);
    c.expect(
      'nobody-at-work',
      excused,
      seenAt,
      () => `${agent} was ended (${event.id}) at work; ${where.join(', ')}`,
    );
  }
}

/** Whether a tab of the agent hung on a node that was struck meanwhile, or on none. */
function wasOnStruckNode(c: Case, agent: string, from: number, to: number): boolean {
  const mine = (c.connectionsOf.get(agent) ?? []).filter(
    ({ openAt, closedAt }) => openAt < to && closedAt > from,
  );
  return mine.length === 0 || mine.some(({ node }) => c.circumstances.nodeStruck(node, from, to));
}

export function nodesLive(c: Case): void {
  c.judged.set('nodes-live', (c.history.meta?.nodes ?? []).length);
  for (const { t, n, code, signal } of c.history.exits)
    c.expect('nodes-live', false, t, () => `${n} ended by itself: ${code ?? signal}`);
}
