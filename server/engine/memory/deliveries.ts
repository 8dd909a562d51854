import { randomUUID } from 'node:crypto';
import type { DeadLetter, Deliveries, DeliveryClaim, DeliveryOutcome } from '../deliveries.ts';
import { DEAD_LETTERS, type Emission, RETENTION_MS, type Relay } from '../engine.ts';
import type { Account, Delivery } from './account.ts';
import { ScoredQueue } from './queue.ts';
import type { Step } from './step.ts';

interface Surroundings {
  now(): number;
  known(account: string): Account;
  accounts(): Iterable<Account>;
  step<T>(account: string, act: (step: Step, account: Account) => T): Promise<T>;
  assertWorking(): void;
}

/** Debts stand in the accounts' rows; who is due and who is claimed is known to this process alone. */
export class MemoryDeliveries implements Deliveries {
  readonly #engine: Surroundings;
  /** Ids of accounts that owe something and are not claimed, by their next attempt. */
  readonly #waiting = new ScoredQueue();
  readonly #claimed = new Map<string, { claim: string; until: number }>();
  /** Of the newest event that is stored: only what is stored can be read, and so delivered. */
  readonly #newest = new Map<string, string>();
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(engine: Surroundings) {
    this.#engine = engine;
  }

  load(): void {
    for (const account of this.#engine.accounts()) {
      this.#newest.set(account.id, account.lastEventId);
      if (account.delivery !== null) this.#enqueue(account, account.delivery);
    }
  }

  /** Learns from what the relay is told: a step is stored, and its events with it. */
  listening(relay: Relay): Relay {
    return (emission) => {
      this.#committed(emission);
      return relay(emission);
    };
  }

  #committed({ account: id, events }: Emission): void {
    const newest = events.at(-1);
    const account = this.#engine.known(id);
    if (newest === undefined || account.delivery === null) return;
    this.#newest.set(id, newest.id);
    if (!this.#claimed.has(id) && !this.#waiting.has(id)) this.#enqueue(account, account.delivery);
  }

  async claim({ limit, leaseMs }: { limit: number; leaseMs: number }): Promise<DeliveryClaim[]> {
    this.#engine.assertWorking();
    const now = this.#engine.now();
    if (now < this.#lookedAt) this.#hasten(now);
    this.#lookedAt = now;
    for (const [id, { until }] of this.#claimed) {
      if (until > now) continue;
      this.#claimed.delete(id);
      this.#waiting.set(id, now);
    }
    return this.#waiting
      .upTo(now)
      .slice(0, limit)
      .map((id) => this.#take(id, now + leaseMs));
  }

  /** The clock was set back: what waits or is claimed until a moment that lies far ahead now is due. */
  #hasten(now: number): void {
    for (const id of this.#waiting.above(now)) this.#waiting.set(id, now);
    for (const claimed of this.#claimed.values()) claimed.until = Math.min(claimed.until, now);
  }

  #take(id: string, until: number): DeliveryClaim {
    const claim = randomUUID();
    this.#waiting.delete(id);
    this.#claimed.set(id, { claim, until });
    const account = this.#engine.known(id);
    const { after, failing } = account.delivery!;
    return {
      account: id,
      claim,
      after,
      last: this.#newest.get(id)!,
      failing,
      resending: resendingOf(account),
    };
  }

  settle(outcome: DeliveryOutcome): Promise<boolean> {
    return this.#engine.step(outcome.account, (step, account) => {
      const { delivery } = account;
      if (delivery === null || this.#claimed.get(account.id)?.claim !== outcome.claim) return false;
      this.#claimed.delete(account.id);
      delivery.after = outcome.upTo;
      delivery.failing = outcome.failing;
      delivery.retryAt = step.now + outcome.retryInMs;
      delivery.owedSince = outcome.oldestAt;
      this.#keepLetters(step, account, outcome);
      step.accountChanged(account);
      this.#enqueue(account, delivery);
      return true;
    });
  }

  #keepLetters(step: Step, account: Account, { dead, resent }: DeliveryOutcome): void {
    const put = (id: string, letter: DeadLetter | null) => putLetter(step, account, id, letter);
    for (const { event, error } of dead)
      put(event.id, { event, failedAt: step.now, error, resending: false });
    for (const { id, taken } of resent) {
      const letter = account.deadLetters.get(id);
      if (letter !== undefined) put(id, taken ? null : { ...letter, resending: false });
    }
    const ids = [...account.deadLetters.keys()].sort();
    for (const [place, id] of ids.entries()) {
      const tooMany = ids.length - place > DEAD_LETTERS;
      if (tooMany || account.deadLetters.get(id)!.event.at <= step.now - RETENTION_MS) put(id, null);
    }
  }

  #enqueue(account: Account, { after, retryAt }: Delivery): void {
    const owes = (this.#newest.get(account.id) ?? '') > after || resendingOf(account) > 0;
    if (owes) this.#waiting.set(account.id, retryAt);
    else this.#waiting.delete(account.id);
  }

  async hasten(most: number): Promise<void> {
    this.#engine.assertWorking();
    const now = this.#engine.now();
    const stalled = this.#waiting
      .upTo(Number.POSITIVE_INFINITY)
      .map((id) => this.#engine.known(id))
      .filter(({ delivery }) => delivery?.failing?.unreachable && delivery.retryAt > now);
    for (const { id, delivery } of stalled.slice(0, most)) {
      delivery!.retryAt = now;
      this.#waiting.set(id, now);
    }
  }

  async backlog(): Promise<{ accounts: number; oldestAt: number | null }> {
    this.#engine.assertWorking();
    const ids = [...this.#waiting.members(), ...this.#claimed.keys()];
    const since = ids.map((id) => this.#engine.known(id).delivery!.owedSince);
    const oldestAt = since.reduce((oldest, at) => Math.min(oldest, at), Number.POSITIVE_INFINITY);
    return { accounts: ids.length, oldestAt: ids.length === 0 ? null : oldestAt };
  }

  async deadLetters(id: string): Promise<DeadLetter[]> {
    this.#engine.assertWorking();
    const kept = this.#engine.now() - RETENTION_MS;
    return [...this.#engine.known(id).deadLetters.values()]
      .filter(({ event }) => event.at > kept)
      .sort((a, b) => (a.event.id < b.event.id ? -1 : 1));
  }

  async resend(id: string): Promise<number> {
    const letters = await this.deadLetters(id);
    if (letters.length === 0) return 0;
    return this.#engine.step(id, (step, account) => {
      for (const letter of letters) putLetter(step, account, letter.event.id, { ...letter, resending: true });
      const { delivery } = account;
      if (delivery === null) return 0;
      delivery.retryAt = step.now;
      step.accountChanged(account);
      if (!this.#claimed.has(id)) this.#enqueue(account, delivery);
      return letters.length;
    });
  }
}

function resendingOf({ deadLetters }: Account): number {
  let count = 0;
  for (const { resending } of deadLetters.values()) if (resending) count += 1;
  return count;
}

function putLetter(step: Step, account: Account, id: string, letter: DeadLetter | null): void {
  if (letter === null) account.deadLetters.delete(id);
  else account.deadLetters.set(id, letter);
  step.deadLetter(account, id, letter);
}
