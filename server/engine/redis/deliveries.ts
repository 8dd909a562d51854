import { randomUUID } from 'node:crypto';
import {
  type DeadLetter,
  type Deliveries,
  type DeliveryClaim,
  type DeliveryOutcome,
  RETENTION_MS,
} from '../engine.ts';
import { decodeId, encodeId } from '../ids.ts';
import type { PartitionCalls } from './partition-calls.ts';
import type { Partitions } from './partitions.ts';
import type { ScriptedLink } from './scripted-link.ts';
import { flag, moment } from './words.ts';

type ClaimRow = [
  account: string,
  after: string,
  last: string,
  attempts: string,
  since: string,
  unreachable: string,
  resending: number,
];

/** Debts stand beside the accounts' other data, in the same slot: scripts write both in one step. */
export class RedisDeliveries implements Deliveries {
  readonly #link: ScriptedLink;
  readonly #partitions: Partitions;
  readonly #calls: PartitionCalls;
  readonly #now: () => number;
  /** Where the next look at all partitions begins, so that none comes last for ever. */
  #first = 0;

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

  async claim(request: Parameters<Deliveries['claim']>[0]): Promise<DeliveryClaim[]> {
    const { limit, leaseMs, accounts } = request;
    const claims: DeliveryClaim[] = [];
    let failure: unknown;
    for (const partition of this.#inTurn(accounts)) {
      if (claims.length >= limit) break;
      const claim = randomUUID();
      const words = [String(limit - claims.length), String(leaseMs), claim];
      try {
        const rows = (await this.#calls.call('claim-deliveries', partition, words)) as ClaimRow[];
        claims.push(...rows.map((row) => claimOf(row, claim)));
      } catch (error) {
        failure = error;
      }
    }
    // What was claimed elsewhere is not to wait for its claim to run out.
    if (failure !== undefined && claims.length === 0) throw failure;
    return claims;
  }

  #inTurn(accounts: readonly string[] | undefined): number[] {
    if (accounts !== undefined) return [...new Set(accounts.map((account) => this.#partitions.of(account)))];
    const all = this.#partitions.all();
    this.#first = (this.#first + 1) % all.length;
    return [...all.slice(this.#first), ...all.slice(0, this.#first)];
  }

  async settle(outcome: DeliveryOutcome): Promise<boolean> {
    const { account, claim, upTo, failing, retryInMs, oldestAt, dead, resent } = outcome;
    const words = [
      encodeId(account),
      claim,
      upTo,
      String(failing?.attempts ?? 0),
      moment(failing?.since ?? 0),
      failing?.unreachable ? '1' : '',
      moment(retryInMs),
      moment(oldestAt),
      String(dead.length),
      ...dead.flatMap(({ event, error }) => [event.id, JSON.stringify(event), error]),
      ...resent.flatMap(({ id, taken }) => [id, flag(taken)]),
    ];
    return (await this.#calls.call('settle-delivery', this.#partitions.of(account), words)) === '1';
  }

  async hasten(most: number): Promise<void> {
    for (const partition of this.#partitions.all())
      await this.#calls.call('hasten-deliveries', partition, [String(most)]);
  }

  async backlog(): Promise<{ accounts: number; oldestAt: number | null }> {
    const total: { accounts: number; oldestAt: number | null } = { accounts: 0, oldestAt: null };
    for (const partition of this.#partitions.all()) {
      const [accounts, since] = (await this.#calls.call('measure-backlog', partition, [])) as [
        number,
        string,
      ];
      total.accounts += accounts;
      if (since !== '') total.oldestAt = Math.min(total.oldestAt ?? Number(since), Number(since));
    }
    return total;
  }

  async deadLetters(account: string): Promise<DeadLetter[]> {
    const [key, marks] = ['letters', 'resending'].map((name) => this.#partitions.shelf(account, name));
    const letters = (await this.#link.send(key!, ['HVALS', key!])) as string[];
    const resending = new Set((await this.#link.send(marks!, ['SMEMBERS', marks!])) as string[]);
    const kept = this.#now() - RETENTION_MS;
    return letters
      .map((text) => JSON.parse(text) as Omit<DeadLetter, 'resending'>)
      .filter(({ event }) => event.at > kept)
      .sort((a, b) => (a.event.id < b.event.id ? -1 : 1))
      .map((letter) => ({ ...letter, resending: resending.has(letter.event.id) }));
  }

  async resend(account: string): Promise<number> {
    const words = [encodeId(account)];
    return (await this.#calls.call('resend-letters', this.#partitions.of(account), words)) as number;
  }
}

function claimOf(row: ClaimRow, claim: string): DeliveryClaim {
  const [key, after, last, attempts, since, unreachable, resending] = row;
  const failing =
    attempts === '0'
      ? null
      : { attempts: Number(attempts), since: Number(since), unreachable: unreachable === '1' };
  return { account: decodeId(key), claim, after, last, failing, resending };
}
