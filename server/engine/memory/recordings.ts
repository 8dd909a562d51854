import {
  type CountsPoint,
  MAX_POINTS,
  RECORD_EVERY_MS,
  RECORDED_MS,
  type Recording,
  type Recordings,
  type Turn,
  WANTED_MS,
} from '../recordings.ts';
import { unpackTurns, withTurn } from '../trails.ts';
import { ScoredQueue } from './queue.ts';
import type { Store, Write } from './store/store.ts';

interface Surroundings {
  store: Store;
  now(): number;
  commit(writes: Write[]): Promise<void>;
  assertWorking(): void;
}

interface Recorded {
  wantedUntil: number;
  points: CountsPoint[];
  /** By agent (trails.ts). */
  trails: Map<string, string>;
}

/** Everything in memory, and each recording stored in one transaction. */
export class MemoryRecordings implements Recordings {
  readonly #engine: Surroundings;
  readonly #accounts = new Map<string, Recorded>();
  /** Accounts by their next minute; after a start all of them are due. */
  readonly #due = new ScoredQueue();

  constructor(engine: Surroundings) {
    this.#engine = engine;
  }

  load(): void {
    const { store } = this.#engine;
    for (const { value } of store.load<{ id: string; wantedUntil: number }>('recorded')) {
      const { id, wantedUntil } = value;
      this.#accounts.set(id, { wantedUntil, points: [], trails: new Map() });
      this.#due.set(id, 0);
    }
    for (const { key, value } of store.load<CountsPoint>('points'))
      this.#accounts.get(key[0]!)?.points.push(value);
    for (const { points } of this.#accounts.values()) points.sort((a, b) => a.at - b.at);
    for (const { key, value } of store.load<{ trail: string }>('trails'))
      this.#accounts.get(key[0]!)?.trails.set(key[1]!, value.trail);
  }

  async want(account: string): Promise<boolean> {
    this.#engine.assertWorking();
    const now = this.#engine.now();
    const known = this.#accounts.get(account);
    const recorded = known ?? { wantedUntil: 0, points: [], trails: new Map() };
    // Asked for once a minute by every page that looks: written down seldom.
    if (recorded.wantedUntil >= now + WANTED_MS - RECORD_EVERY_MS) return false;
    recorded.wantedUntil = now + WANTED_MS;
    this.#accounts.set(account, recorded);
    if (known === undefined) this.#due.set(account, now);
    const row = { id: account, wantedUntil: recorded.wantedUntil };
    await this.#engine.commit([{ table: 'recorded', key: [account], value: row }]);
    return known === undefined;
  }

  async claim({ limit, account: only }: { limit: number; account?: string }): Promise<string[]> {
    this.#engine.assertWorking();
    const now = this.#engine.now();
    const claimed: string[] = [];
    for (const account of this.#due.upTo(now)) {
      if (claimed.length === limit) break;
      if (only !== undefined && account !== only) continue;
      const { wantedUntil } = this.#accounts.get(account)!;
      if (wantedUntil <= now) {
        await this.#forget(account);
        continue;
      }
      const next = this.#due.scoreOf(account)! + RECORD_EVERY_MS;
      this.#due.set(account, next > now ? next : now + RECORD_EVERY_MS);
      claimed.push(account);
    }
    return claimed;
  }

  async #forget(account: string): Promise<void> {
    const { points, trails } = this.#accounts.get(account)!;
    this.#due.delete(account);
    this.#accounts.delete(account);
    await this.#engine.commit([
      { table: 'recorded', key: [account], value: null },
      ...points.map(({ at }) => pointWrite(account, at, null)),
      ...[...trails.keys()].map((agent) => trailWrite(account, agent, null)),
    ]);
  }

  async latest(account: string): Promise<Map<string, Turn>> {
    this.#engine.assertWorking();
    const { trails = new Map<string, string>() } = this.#accounts.get(account) ?? {};
    return new Map([...trails].map(([agent, trail]) => [agent, unpackTurns(trail).at(-1)!]));
  }

  async write(account: string, { at, counts, turns, forgotten }: Recording): Promise<void> {
    this.#engine.assertWorking();
    const recorded = this.#accounts.get(account);
    if (recorded === undefined) return;
    const { trails } = recorded;
    const writes: Write[] = [pointWrite(account, at, { at, ...counts })];
    for (const agent of forgotten) {
      trails.delete(agent);
      writes.push(trailWrite(account, agent, null));
    }
    for (const { agent, state } of turns) {
      const trail = withTurn(trails.get(agent) ?? '', { state, at });
      trails.set(agent, trail);
      writes.push(trailWrite(account, agent, trail));
    }
    const kept = recorded.points.filter((point) => point.at > at - RECORDED_MS && point.at < at);
    kept.push({ at, ...counts });
    const points = kept.slice(-MAX_POINTS);
    for (const point of recorded.points)
      if (point.at !== at && !points.includes(point)) writes.push(pointWrite(account, point.at, null));
    recorded.points = points;
    await this.#engine.commit(writes);
  }

  async points(account: string): Promise<CountsPoint[]> {
    this.#engine.assertWorking();
    const now = this.#engine.now();
    const { points = [] } = this.#accounts.get(account) ?? {};
    return points.filter(({ at }) => at > now - RECORDED_MS && at <= now);
  }

  async turns(account: string, agent: string): Promise<Turn[]> {
    this.#engine.assertWorking();
    return unpackTurns(this.#accounts.get(account)?.trails.get(agent) ?? '');
  }
}

function pointWrite(account: string, at: number, value: CountsPoint | null): Write {
  return { table: 'points', key: [account, String(at)], value };
}

function trailWrite(account: string, agent: string, trail: string | null): Write {
  return { table: 'trails', key: [account, agent], value: trail === null ? null : { trail } };
}
