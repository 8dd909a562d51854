import type { EventType } from '../../shared/events.ts';

/** The audit log stands on two shelves, so that what many can cause never pushes out what must be kept. */
export type Shelf = 'kept' | 'common';
export const SHELVES: readonly Shelf[] = ['kept', 'common'];

export const KEPT_EVENTS: readonly EventType[] = [
  'session.ended',
  'policy.changed',
  'access.refused',
  'audit.exported',
];

/** How long an entry is kept at most, and how many entries of an account on each shelf: whichever ends first. */
export interface AuditRetention {
  maxAgeMs: number;
  maxEvents: number;
}

export const USUAL_RETENTION: AuditRetention = { maxAgeMs: 400 * 86_400_000, maxEvents: 100_000 };

export function shelfOf(type: EventType): Shelf {
  return KEPT_EVENTS.includes(type) ? 'kept' : 'common';
}
