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

/** Entries of an account on each shelf. */
export const AUDIT_LENGTH = 100_000;

export function shelfOf(type: EventType): Shelf {
  return KEPT_EVENTS.includes(type) ? 'kept' : 'common';
}
