import { LOSSY } from './circumstances.ts';
import type { Case } from './verdict.ts';

/** What Redis may lose of the moments before a failover, and how long after one two servers may take events. */
const AROUND_MS = 15_000;

/** The ids of events: unique, one content each, read in order; and none is missed by a reader or a receiver. */
export function eventsAreSound(c: Case): void {
  for (const { t, id, what } of c.history.contradictions)
    c.expect('event-ids', false, t, () => `${id} ${what}`);
  for (const [account, events] of c.history.events) {
    for (const { event, seenAt, hookedAt, followed, inTheEnd } of events.values()) {
      const isEnd = event.type === 'session.ended';
      const happenedAt = c.circumstances.momentOf(event.at, seenAt) ?? seenAt;
      // What a wipe takes is gone, however old it was.
      const wiped = c.circumstances.during(happenedAt, Number.POSITIVE_INFINITY, /^redis-wipe/).length > 0;
      const lossy =
        c.circumstances.during(happenedAt - AROUND_MS, happenedAt + AROUND_MS, LOSSY).length > 0 ||
        // When it happened cannot be told.
        c.circumstances.clockStepped(seenAt - AROUND_MS, seenAt);
      // Of what a failover lost, ends come back.
      if (!wiped && (isEnd || !lossy)) {
        c.expect(
          'event-kept',
          inTheEnd,
          seenAt,
          () => `${event.id} (${event.type}) of ${account} is gone from the log`,
        );
      }
      if (!wiped && !lossy)
        c.expect(
          'event-read',
          followed,
          seenAt,
          () => `who follows ${account} did not get ${event.id} (${event.type})`,
        );
      if (inTheEnd && (isEnd || !lossy))
        c.expect(
          'event-delivered',
          hookedAt.length > 0,
          seenAt,
          () => `no webhook brought ${event.id} (${event.type})`,
        );
    }
  }
}

/** Webhooks about one agent arrive in the order of what they tell, whatever comes twice. */
export function webhooksAreInOrder(c: Case): void {
  for (const [agent, events] of c.byAgent) {
    let [latest, by] = [0, ''];
    for (const { event, hookedAt } of events) {
      const first = hookedAt[0];
      if (first === undefined) continue;
      const excused =
        c.circumstances.during(Math.min(first, latest) - 30_000, Math.max(first, latest), LOSSY).length > 0;
      if (!excused)
        c.expect('webhook-order', first >= latest, first, () => `${event.id} of ${agent} came before ${by}`);
      if (first >= latest) [latest, by] = [first, event.id];
    }
  }
}
