import type { VigilEvent } from '../../../shared/events.ts';
import type { TrailStretch } from '../../../shared/presence.ts';
import type { ShownState } from './states.ts';
import type { Stretch } from './trail.ts';

/** Parts of an agent's last day. `signed_in`: there was a session, and nothing more is known. */
export type RibbonState = ShownState | 'signed_in';
export interface RibbonPart {
  state: RibbonState;
  from: number;
  until: number;
}

const DAY_MS = 86_400_000;

/** What is known of an agent's last day. */
export interface RibbonSources {
  /** Of the audit log, newest first: exact, but of sessions and warnings only. */
  events: readonly VigilEvent[];
  /** What the server recorded, once a minute. */
  recorded: readonly TrailStretch[];
  /** What this page has seen. */
  seen: readonly Stretch[];
  live: boolean;
}

/** An agent's last day, what is known best on top. Where nothing is known nothing is drawn. */
export function drawRibbon({ events, recorded, seen, live }: RibbonSources, now: number): RibbonPart[] {
  const start = now - DAY_MS;
  const parts: RibbonPart[] = [];
  const told = fromEvents(events, live, start, now);
  // What came before the oldest event is a conclusion, no more.
  const exact = told.filter(({ state, from }) => state !== 'signed_in' && from !== start);
  for (const part of [...told, ...recorded, ...exact, ...fromSeen(seen, now)]) {
    const [from, until] = [Math.max(part.from, start), Math.min(part.until, now)];
    if (until > from) lay(parts, { ...part, from, until });
  }
  return join(parts);
}

function fromSeen(seen: readonly Stretch[], now: number): RibbonPart[] {
  return seen.map(({ state, from, until }) => ({ state, from, until: until ?? now }));
}

/** Backwards from now: each event says what began with it, and with that what was before. */
function fromEvents(events: readonly VigilEvent[], live: boolean, start: number, now: number): RibbonPart[] {
  const parts: RibbonPart[] = [];
  let until = now;
  let after: RibbonState = live ? 'signed_in' : 'signed_out';
  for (const event of events) {
    const turn = TURNS[event.type];
    if (turn === undefined) continue;
    parts.push({ state: turn.to ?? after, from: event.at, until });
    until = event.at;
    after = turn.before;
    if (event.at < start) break;
  }
  // Before the oldest event stands what it turned from, as long as there was any event at all.
  if (parts.length > 0 && until > start) parts.push({ state: after, from: start, until });
  else if (parts.length === 0 && live) parts.push({ state: 'signed_in', from: start, until: now });
  return parts.reverse();
}

/** What an event begins, and what it ended. One more login beside another changes nothing that is drawn. */
const TURNS: Partial<Record<VigilEvent['type'], { to: RibbonState | null; before: RibbonState }>> = {
  'session.started': { to: 'signed_in', before: 'signed_out' },
  'session.warned': { to: 'warned', before: 'signed_in' },
  'session.resumed': { to: 'signed_in', before: 'warned' },
  'session.ended': { to: null, before: 'signed_in' },
};

/** Lays a part over those that are there. */
function lay(parts: RibbonPart[], part: RibbonPart): void {
  const kept = parts.flatMap((below) => {
    if (below.until <= part.from || below.from >= part.until) return [below];
    return [
      ...(below.from < part.from ? [{ ...below, until: part.from }] : []),
      ...(below.until > part.until ? [{ ...below, from: part.until }] : []),
    ];
  });
  parts.splice(0, parts.length, ...kept, part);
}

function join(parts: RibbonPart[]): RibbonPart[] {
  const joined: RibbonPart[] = [];
  for (const part of parts.sort((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last !== undefined && last.state === part.state && last.until === part.from) last.until = part.until;
    else joined.push({ ...part });
  }
  return joined;
}
