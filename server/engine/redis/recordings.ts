import { type CountsPoint, RECORDED_MS, type Recording, type Recordings, type Turn } from '../engine.ts';
import { decodeId, encodeId } from '../ids.ts';
import { packTurn, unpackTurns } from '../trails.ts';
import type { PartitionCalls } from './partition-calls.ts';
import { chunksOf, type Partitions } from './partitions.ts';
import type { ScriptedLink } from './scripted-link.ts';
import { moment } from './words.ts';

/** Agents that one script call writes, and that one reading call may bring. */
const WRITE_BATCH = 200;
const READ_BATCH = '1000';

/** Presence over time stands beside the account's other data: any node records it, any node reads it. */
export class RedisRecordings implements Recordings {
  readonly #link: ScriptedLink;
  readonly #partitions: Partitions;
  readonly #calls: PartitionCalls;
  readonly #now: () => number;

  constructor(parts: {
    link: ScriptedLink;
    partitions: Partitions;
    calls: PartitionCalls;
    time: { now(): number };
  }) {
    this.#link = parts.link;
    this.#partitions = parts.partitions;
    this.#calls = parts.calls;
    this.#now = () => parts.time.now();
  }

  async want(account: string): Promise<boolean> {
    return (await this.#call('want-recording', account, [])) === '1';
  }

  async claim({ limit, account }: { limit: number; account?: string }): Promise<string[]> {
    const partitions = account === undefined ? this.#partitions.all() : [this.#partitions.of(account)];
    const only = account === undefined ? '' : encodeId(account);
    const claimed: string[] = [];
    for (const partition of partitions) {
      if (claimed.length >= limit) break;
      const words = [String(limit - claimed.length), only];
      const keys = (await this.#calls.call('claim-recordings', partition, words)) as string[];
      claimed.push(...keys.map(decodeId));
    }
    return claimed;
  }

  async latest(account: string): Promise<Map<string, Turn>> {
    const key = this.#partitions.shelf(account, 'latest');
    const found = new Map<string, Turn>();
    let cursor = '0';
    do {
      const answer = await this.#link.send(key, ['HSCAN', key, cursor, 'COUNT', READ_BATCH]);
      const [next, fields] = answer as [string, string[]];
      for (let at = 0; at < fields.length; at += 2)
        found.set(decodeId(fields[at]!), unpackTurns(fields[at + 1]!)[0]!);
      cursor = next;
    } while (cursor !== '0');
    return found;
  }

  async write(account: string, { at, counts, turns, forgotten }: Recording): Promise<void> {
    for (const batch of chunksOf(forgotten, WRITE_BATCH))
      await this.#write(account, at, '', [String(batch.length), ...batch.map(encodeId)]);
    for (const batch of chunksOf(turns, WRITE_BATCH)) {
      const words = batch.flatMap(({ agent, state }) => [encodeId(agent), packTurn({ state, at })]);
      await this.#write(account, at, '', ['0', ...words]);
    }
    const { active, idle, background, offline } = counts;
    await this.#write(account, at, [active, idle, background, offline].join(' '), ['0']);
  }

  async #write(account: string, at: number, counts: string, words: string[]): Promise<void> {
    await this.#call('write-recording', account, [moment(at), counts, ...words]);
  }

  async points(account: string): Promise<CountsPoint[]> {
    const key = this.#partitions.shelf(account, 'points');
    const now = this.#now();
    const lines = (await this.#link.send(key, ['LRANGE', key, '0', '-1'])) as string[];
    return lines
      .map((line) => {
        const [at = 0, active = 0, idle = 0, background = 0, offline = 0] = line.split(' ').map(Number);
        return { at, active, idle, background, offline };
      })
      .filter(({ at }) => at > now - RECORDED_MS && at <= now);
  }

  async turns(account: string, agent: string): Promise<Turn[]> {
    const key = this.#partitions.shelf(account, 'trails');
    const trail = (await this.#link.send(key, ['HGET', key, encodeId(agent)])) as string | null;
    return unpackTurns(trail ?? '');
  }

  #call(script: string, account: string, words: string[]): Promise<unknown> {
    return this.#calls.call(script, this.#partitions.of(account), [encodeId(account), ...words]);
  }
}
