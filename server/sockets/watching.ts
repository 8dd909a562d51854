import type { Clock } from '../clock.ts';
import type { Engine } from '../engine/engine.ts';
import { breathe } from './pieces.ts';
import type { PresenceFeed } from './presence-feed.ts';
import type { Watcher } from './watcher.ts';

/** Rows in one piece of a snapshot. */
export const PIECE_ROWS = 500;
/** How long a dashboard may take to read one piece. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 20;
/** An account in which more than a piece changes all the time: then the last piece is a large one. */
const MAX_ROUNDS = 5;

export interface WelcomeOptions {
  watcher: Watcher;
  feed: PresenceFeed;
  room: string;
  engine: Pick<Engine, 'now'>;
  clock: Clock;
}

/**
 * Shows a dashboard all agents, a piece after the other as it reads them, then lets it hear the changes. What changes
 * meanwhile is in the later pieces, so nothing is missed and nothing stale is left at the end.
 */
export async function welcome({ watcher, feed, room, engine, clock }: WelcomeOptions): Promise<void> {
  await feed.ready;
  const { rows } = feed;
  const frame = () => ({ counts: { ...rows.counts }, serverTime: Math.floor(engine.now()) });
  const gone = new Set<string>();
  let known = rows.all();
  let queue = known;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    while (queue.length > PIECE_ROWS) {
      watcher.snapshot({ agents: queue.slice(0, PIECE_ROWS), ...frame(), more: true });
      queue = queue.slice(PIECE_ROWS);
      if (!(await hasRead(watcher, clock))) return cutOff(watcher);
    }
    const { agents, removed } = rows.since(known);
    const news = new Set([...agents.map(({ id }) => id), ...removed]);
    for (const id of removed) gone.add(id);
    queue = [...queue.filter(({ id }) => !news.has(id)), ...agents];
    known = rows.all();
    if (queue.length <= PIECE_ROWS) break;
  }
  watcher.snapshot({ agents: queue, ...frame(), more: false });
  const removed = [...gone].filter((id) => !rows.has(id));
  if (removed.length > 0) {
    watcher.changes({ agents: [], removed, ...frame() });
    feed.told();
  }
  watcher.join(room);
}

/** Waits until all that was sent is on its way; false where the dashboard does not read, or has left. */
async function hasRead(watcher: Watcher, clock: Clock): Promise<boolean> {
  const until = clock.monotonic() + PATIENCE_MS;
  await breathe();
  while (watcher.connection.backlog() > 0) {
    if (watcher.isOver || clock.monotonic() >= until) return false;
    await new Promise<void>((resolve) => void clock.after(LOOK_MS, resolve));
  }
  return !watcher.isOver;
}

/** It does not read: nothing is buffered for it without bound. */
export function cutOff(watcher: Watcher): void {
  if (!watcher.isOver) watcher.connection.dropFor('slow_reader');
}
