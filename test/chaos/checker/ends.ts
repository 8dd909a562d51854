import { LOSSY } from './circumstances.ts';
import type { SeenEvent } from './history.ts';
import { type Case, SLACK_MS } from './verdict.ts';

/** A report that a node received is in the engine within a second (docs/protocol.md, 3.8). */
const IN_ENGINE_MS = 1_500;

/** Nobody is ended by inactivity without the whole lead of a warning. */
export function warnedFirst(c: Case): void {
  for (const { agent, seen, events, place } of c.ends()) {
    const { event, seenAt } = seen;
    if (event.data.reason !== 'timeout') continue;
    const warned = lastWarning(c, events.slice(0, place), seenAt);
    const isWarned = warned?.type === 'session.warned';
    const told = isWarned ? event.at - warned.at : Number.NaN;
    const fine = isWarned && (told >= c.leadMs || told < 0);
    c.expect('warned-first', fine, seenAt, () => {
      return `${agent} was ended (${event.id}) ${isWarned ? `${told} ms after its warning` : `after ${warned?.type ?? 'nothing'}`}`;
    });
  }
}

/** What last decided whether the agent is warned: a warning, or what took it away. */
function lastWarning(c: Case, events: SeenEvent[], seenAt: number): SeenEvent['event'] | undefined {
  let last: SeenEvent['event'] | undefined;
  const live = new Set<string>();
  for (const { event } of events) {
    if (event.type === 'session.started') live.add(event.data.session);
    if (event.type === 'session.warned') last = event;
    // A resumption that a failover lost is none.
    const excused = c.circumstances.during(seenAt - 40_000, seenAt, LOSSY).length > 0;
    if (event.type === 'session.resumed' && !excused) last = event;
    if (event.type !== 'session.ended') continue;
    for (const sid of event.data.sessions as string[]) live.delete(sid);
    if (live.size === 0) last = undefined;
  }
  return last;
}

/** Nobody is ended before a whole timeout has passed since the last input whose report the engine must have. */
export function neverEarly(c: Case): void {
  for (const { agent, seen } of c.ends()) {
    const { event, seenAt } = seen;
    if (event.data.reason !== 'timeout') continue;
    const endedAt = c.circumstances.momentOf(event.at, seenAt);
    if (endedAt === null || c.circumstances.clockStepped(endedAt - c.timeoutMs - c.leadMs, seenAt)) continue;
    const sids: string[] = event.data.sessions;
    const heardAt = Math.min(seenAt, ...toldAt(c, agent, sids));
    const latest = latestCounted(c, agent, { sids, endedAt, heardAt });
    const soonest = latest + c.timeoutMs;
    c.expect('never-early', event.at >= soonest - SLACK_MS, seenAt, () => {
      return `${agent} was ended (${event.id}) ${Math.round(soonest - event.at)} ms before its last input allows`;
    });
  }
}

/** When tabs of these logins were told that it is over. */
function toldAt(c: Case, agent: string, sids: string[]): number[] {
  const connections = (c.connectionsOf.get(agent) ?? []).filter(({ sid }) => sids.includes(sid));
  return connections.flatMap(({ heard }) => heard.filter(({ e }) => e === 'ended').map(({ t }) => t));
}

/** Engine time of the latest input that must have reached the engine before the end. */
function latestCounted(
  c: Case,
  agent: string,
  { sids, endedAt, heardAt }: { sids: string[]; endedAt: number; heardAt: number },
): number {
  let latest = Number.NEGATIVE_INFINITY;
  for (const connection of c.connectionsOf.get(agent) ?? []) {
    if (!sids.includes(connection.sid)) continue;
    for (const { t, idleMs } of connection.inputs) {
      if (t + IN_ENGINE_MS > endedAt || t < endedAt - 3 * c.timeoutMs) continue;
      if (t < connection.upAt || connection.closedAt < t + IN_ENGINE_MS) continue;
      // What lies ahead of a clock that was set back counts as of then: the moments of before and after cannot be compared.
      if (c.circumstances.clockSetBack(t, endedAt)) continue;
      if (!mustHaveArrived(c, connection.node, t, endedAt)) continue;
      // More than a timeout had passed all the same.
      if (c.circumstances.stoodStill(t) && heardAt - (t - idleMs) >= c.timeoutMs) continue;
      const offset = c.circumstances.offsetAt(t);
      if (offset !== null) latest = Math.max(latest, t - idleMs + offset);
    }
  }
  return latest;
}

function mustHaveArrived(c: Case, node: string, t: number, endedAt: number): boolean {
  const { circumstances } = c;
  if (circumstances.nodeStruck(node, t, t + IN_ENGINE_MS)) return false;
  if (circumstances.recorderLate(t - 500, t + IN_ENGINE_MS)) return false;
  const outage = circumstances.redisStruck(t, t + IN_ENGINE_MS);
  if (outage.length === 0) return true;
  // The node keeps it meanwhile, and hands it over first when Redis is back.
  const back = circumstances.readyAfter(Math.max(...outage.map((fault) => fault.endedAt)));
  return endedAt > back + IN_ENGINE_MS && !circumstances.nodeStruck(node, t, back + IN_ENGINE_MS);
}

/** A `sid` ends once: one event, and all of its tabs are told the same. */
export function endedOnce(c: Case): void {
  const ends = new Map<string, SeenEvent>();
  for (const { agent, seen } of c.ends()) {
    for (const sid of seen.event.data.sessions as string[]) {
      const other = ends.get(sid);
      ends.set(sid, other ?? seen);
      c.expect('ended-once', other === undefined, seen.seenAt, () => {
        return `${sid} of ${agent} ended twice: ${other!.event.id} and ${seen.event.id} (${seen.event.data.reason})`;
      });
    }
  }
  const told = new Map<string, string>();
  for (const { sid, agent, heard } of c.history.connections.values()) {
    const all = heard.filter(({ e }) => e === 'ended');
    for (const { t, m } of all) {
      const what = `${m.reason} at ${m.endedAt}`;
      const known = told.get(sid) ?? what;
      told.set(sid, known);
      c.expect('told-once', known === what && all.length === 1, t, () => {
        return `tabs of ${sid} (${agent}) were told ${all.length === 1 ? `${known} and ${what}` : 'twice on a connection'}`;
      });
      const event = ends.get(sid)?.event;
      // Nothing is written for a login that never began or that a loss of the data cost.
      if (m.reason === 'lost' || (event === undefined && !began(c, agent, sid))) continue;
      c.expect('end-written', event !== undefined && event.at === m.endedAt, t, () => {
        return `tabs of ${sid} (${agent}) were told ${what}, and the log says ${event === undefined ? 'nothing' : event.at}`;
      });
    }
  }
}

function began(c: Case, agent: string, sid: string): boolean {
  const events = c.byAgent.get(agent) ?? [];
  return events.some(({ event }) => event.type === 'session.started' && event.data.session === sid);
}

/** All sessions of an agent end together, save by a logout. */
export function together(c: Case): void {
  for (const { agent, seen, events, place } of c.ends()) {
    const { event, seenAt } = seen;
    if (event.data.reason !== 'timeout' && event.data.reason !== 'admin') continue;
    const live = new Set<string>();
    for (const { event: earlier } of events.slice(0, place)) {
      if (earlier.type === 'session.started') live.add(earlier.data.session);
      if (earlier.type === 'session.ended') for (const sid of earlier.data.sessions) live.delete(sid);
    }
    for (const sid of event.data.sessions as string[]) live.delete(sid);
    const lossy = c.circumstances.during(0, seenAt, LOSSY).length > 0;
    // After a loss, a login without a tab may be gone without a word; what lives on shows itself.
    const left = lossy ? [...live].filter((sid) => livesAfter(c, agent, sid, seenAt + 5_000)) : [...live];
    c.expect(
      'together',
      left.length === 0,
      seenAt,
      () => `${event.id} ended ${agent} without ${left.join(', ')}`,
    );
  }
}

function livesAfter(c: Case, agent: string, sid: string, t: number): boolean {
  return (c.connectionsOf.get(agent) ?? []).some((connection) => {
    return connection.sid === sid && connection.heard.some((heard) => heard.t > t && heard.e === 'session');
  });
}

/** Who was available in auto-assignment is unavailable in the same step. */
export function unavailableAtOnce(c: Case): void {
  for (const { agent, seen, events, place } of c.ends()) {
    const { event, seenAt } = seen;
    if (event.data.reason !== 'timeout' && event.data.reason !== 'admin') continue;
    if (!wasAvailable(c, events.slice(0, place))) continue;
    if (c.circumstances.during(seenAt - 60_000, seenAt, LOSSY).length > 0) continue;
    const next = events[place + 1]?.event;
    const fine = next?.type === 'agent.unavailable' && next.at === event.at;
    c.expect(
      'unavailable-at-once',
      fine,
      seenAt,
      () => `${agent} was ended (${event.id}) and stays available`,
    );
  }
}

function wasAvailable(c: Case, before: SeenEvent[]): boolean {
  const last = before.findLast(({ event }) => event.type.startsWith('agent.'));
  if (last !== undefined) return last.event.type === 'agent.available';
  const started = before.find(({ event }) => event.type === 'session.started');
  return started !== undefined && (c.history.logins.get(started.event.data.session)?.auto ?? false);
}
