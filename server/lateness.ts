import type { VigilEvent } from '../shared/events.ts';
import type { Emission } from './engine/engine.ts';

export type Judged = 'warning' | 'end';

/** Warnings that are remembered until their end; whoever was warned longest ago makes room. */
const MAX_WARNED = 100_000;

interface Warned {
  endsAt: number;
  lastActivityAt: number;
}

/**
 * How late warnings and ends came, from what the engine told. A warning that comes late moves the end: by so much it
 * stands behind the deadline. An end is judged by its own warning, where this node told that as well and nothing was
 * reported since.
 */
export function createLateness(
  observe: (what: Judged, seconds: number) => void,
  onForgotten: () => void = () => {},
) {
  const warned = new Map<string, Warned>();

  function judge(event: VigilEvent): void {
    if (event.type === 'session.warned') {
      const { endsAt, deadlineAt, lastActivityAt } = event.data;
      observe('warning', (endsAt - deadlineAt) / 1000);
      remember(keyOf(event.account, event.data.agent), { endsAt, lastActivityAt });
    } else if (event.type === 'session.resumed') warned.delete(keyOf(event.account, event.data.agent));
    else if (event.type === 'session.ended') {
      const key = keyOf(event.account, event.data.agent);
      const known = warned.get(key);
      warned.delete(key);
      if (event.data.reason !== 'timeout' || known?.lastActivityAt !== event.data.lastActivityAt) return;
      observe('end', Math.max(0, event.at - known.endsAt) / 1000);
    }
  }

  function remember(key: string, what: Warned): void {
    warned.delete(key);
    if (warned.size >= MAX_WARNED) {
      warned.delete(warned.keys().next().value!);
      onForgotten();
    }
    warned.set(key, what);
  }

  return {
    told({ events }: Pick<Emission, 'events'>): void {
      for (const event of events) judge(event);
    },
  };
}

/** No id holds a control character. */
function keyOf(account: string, agent: string): string {
  return `${account}\n${agent}`;
}
