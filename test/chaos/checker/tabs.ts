import { CLOCK, LOSSY } from './circumstances.ts';
import type { Connection } from './history.ts';
import type { Case } from './verdict.ts';

/**
 * What one connection hears is in order: revs never fall, a warning and its dismissal are news, activity never moves back,
 * an end is last. (An end that a node found out by asking comes with the rev that it knew.)
 */
export function inOrder(c: Case): void {
  for (const connection of c.history.connections.values()) {
    let [rev, state, activeAt, endedAt] = [-1, '', 0, Number.POSITIVE_INFINITY];
    for (const { t, e, m } of connection.heard) {
      c.expect('last-word', t <= endedAt || endedAt === Number.POSITIVE_INFINITY, t, () => {
        return `${about(connection)} heard ${e} after its end`;
      });
      if (e === 'ended') endedAt = t;
      if (typeof m.rev !== 'number') continue;
      c.expect('rev', m.rev >= rev, t, () => `${about(connection)} heard ${e} of rev ${m.rev} after ${rev}`);
      const now = e === 'session' ? (m.state as string) : e;
      c.expect('rev-grows', m.rev > rev || state === '' || now === state || e === 'ended', t, () => {
        return `${about(connection)} heard ${now} after ${state}, both of rev ${rev}`;
      });
      [rev, state] = [m.rev, now];
      if (e !== 'session') continue;
      const excused = c.circumstances.during(t - 60_000, t, /^clock-far-back/).length > 0 || isLossy(c, t);
      if (!excused) {
        c.expect('activity-never-falls', m.lastActivityAt >= activeAt, t, () => {
          return `${about(connection)} heard a last activity ${activeAt - m.lastActivityAt} ms before the one it knew`;
        });
      }
      activeAt = m.lastActivityAt;
    }
  }
}

function isLossy(c: Case, t: number): boolean {
  return c.circumstances.during(t - 40_000, t, LOSSY).length > 0;
}

function about({ agent, c, node }: Connection): string {
  return `connection ${c} of ${agent} on ${node}`;
}

/** A `sid` that has ended never lives again: nobody is let in with it. */
export function deadStayDead(c: Case): void {
  const deadSince = new Map<string, number>();
  const died = (sid: string, t: number) => deadSince.set(sid, Math.min(deadSince.get(sid) ?? t, t));
  for (const { seen } of c.ends())
    for (const sid of seen.event.data.sessions as string[]) died(sid, seen.seenAt);
  for (const { sid, heard } of c.history.connections.values()) {
    for (const { t, e } of heard) if (e === 'ended') died(sid, t);
  }
  for (const connection of c.history.connections.values()) {
    const since = deadSince.get(connection.sid) ?? Number.POSITIVE_INFINITY;
    const letIn = connection.openAt > since && connection.upAt !== Number.POSITIVE_INFINITY;
    c.expect('dead-stay-dead', !letIn, connection.openAt, () => {
      return `${about(connection)} was let in with ${connection.sid}, dead for ${Math.round(connection.openAt - since)} ms`;
    });
  }
  for (const { t, s, a, status } of c.history.asked) {
    const since = deadSince.get(s) ?? Number.POSITIVE_INFINITY;
    if (t <= since) continue;
    c.expect(
      'dead-stay-dead',
      status !== 204,
      t,
      () => `/v1/verify let ${s} (${a}) in, dead for ${Math.round(t - since)} ms`,
    );
  }
}

/** Whoever has a tab open hears of the end, or loses the connection. */
export function everybodyIsTold(c: Case): void {
  const TOLD_MS = 8_000;
  const endOf = new Map<string, { at: number; seenAt: number }>();
  for (const { seen } of c.ends()) {
    for (const sid of seen.event.data.sessions as string[])
      endOf.set(sid, { at: seen.event.at, seenAt: seen.seenAt });
  }
  for (const connection of c.history.connections.values()) {
    const end = endOf.get(connection.sid);
    if (end === undefined || connection.upAt > end.seenAt) continue;
    const deadline = end.seenAt + TOLD_MS;
    if (connection.closedAt < deadline || deadline > c.history.doneAt) continue;
    if (c.circumstances.nodeStruck(connection.node, end.seenAt - 2_000, deadline)) continue;
    if (c.circumstances.redisStruck(end.seenAt - 2_000, deadline).length > 0) continue;
    if (c.circumstances.during(end.seenAt - 2_000, deadline, CLOCK).length > 0) continue;
    const told = connection.heard.some(({ e, t }) => e === 'ended' && t <= deadline);
    c.expect(
      'everybody-is-told',
      told,
      deadline,
      () => `${about(connection)} was not told that ${connection.sid} ended`,
    );
  }
}

/** A login with an open tab outlives whatever Redis loses. */
export function openTabsAreVouchedFor(c: Case): void {
  const lost = (t: number, agent: string, sid: string, how: string) => {
    const openMs = openBefore(c, agent, sid, t);
    c.expect(
      'vouched-for',
      !openMs,
      t,
      () => `${sid} of ${agent} ${how} as lost, though a tab of it was open`,
    );
  };
  for (const { agent, sid, heard } of c.history.connections.values()) {
    for (const { t, e, m } of heard)
      if (e === 'ended' && m.reason === 'lost') lost(t, agent, sid, 'was ended');
  }
  for (const { t, c: number, code, reason } of c.history.refused) {
    const connection = c.history.connections.get(number);
    if (connection !== undefined && code === 'session_ended' && reason === 'lost')
      lost(t, connection.agent, connection.sid, 'was refused');
  }
}

/** Whether a connection with this `sid` was up, on a node that nothing struck, when the data were lost last. */
function openBefore(c: Case, agent: string, sid: string, t: number): boolean {
  const loss = c.circumstances.faults.findLast(({ fault, beganAt }) => LOSSY.test(fault) && beganAt <= t);
  if (loss === undefined) return true;
  return (c.connectionsOf.get(agent) ?? []).some((connection) => {
    const { upAt, closedAt, node } = connection;
    if (connection.sid !== sid || upAt > loss.beganAt - 2_000 || closedAt < loss.endedAt + 3_000)
      return false;
    return !c.circumstances.nodeStruck(node, loss.beganAt - 2_000, loss.endedAt + 3_000);
  });
}
