import type { EventDraft, VigilEvent } from '../../../shared/events.ts';
import type { DeadLetter, Emission, Push } from '../engine.ts';
import type { Account, Tombstone } from './account.ts';
import type { Agent } from './agent.ts';
import { eventWrite, type Write } from './store/store.ts';

/** One atomic step: what it changed, what it says. Stored as one transaction, told once that is committed. */
export class Step {
  readonly now: number;
  readonly emissions: Emission[] = [];
  readonly #events: VigilEvent[] = [];
  readonly #agents = new Map<Agent, Account>();
  readonly #forgotten: Write[] = [];
  readonly #tombstones = new Map<string, Write>();
  readonly #accounts = new Set<Account>();
  readonly #letters: Write[] = [];

  constructor(now: number) {
    this.now = now;
  }

  /** Says what happened to an agent (or to the whole account) and writes it into the audit log. */
  emit(account: Account, agent: Agent | null, pushes: Push[], drafts: EventDraft[]): void {
    const events = drafts.map((draft) => this.log(account, draft));
    this.emissions.push({ account: account.id, agent: agent?.id ?? null, pushes, events });
    if (agent !== null) this.changed(account, agent);
  }

  log(account: Account, draft: EventDraft): VigilEvent {
    const event = {
      id: account.nextEventId(this.now),
      account: account.id,
      at: this.now,
      ...draft,
    } as VigilEvent;
    this.#events.push(event);
    this.#accounts.add(account);
    return event;
  }

  changed(account: Account, agent: Agent): void {
    this.saved(account, agent);
    account.feed.mark(agent, this.now);
  }

  /** To be stored, and nothing that anybody has not been shown. */
  saved(account: Account, agent: Agent): void {
    this.#agents.set(agent, account);
  }

  accountChanged(account: Account): void {
    this.#accounts.add(account);
  }

  buried(account: Account, sid: string, tombstone: Tombstone | null): void {
    const key = [account.id, sid];
    this.#tombstones.set(JSON.stringify(key), { table: 'ended', key, value: tombstone });
  }

  deadLetter(account: Account, id: string, letter: DeadLetter | null): void {
    this.#letters.push({ table: 'dead', key: [account.id, id], value: letter });
  }

  forget(account: Account, agent: Agent): void {
    this.#forgotten.push({ table: 'agents', key: [account.id, agent.id], value: null });
  }

  /** Accounts that may have a new entry in the audit log. */
  get changedAccounts(): Iterable<Account> {
    return this.#accounts;
  }

  /** What is to be stored, in full, as of now. */
  writes(): Write[] {
    return [
      ...[...this.#accounts].map(
        (account): Write => ({ table: 'accounts', key: [account.id], value: account.toRow() }),
      ),
      ...[...this.#agents].map(
        ([agent, account]): Write => ({ table: 'agents', key: [account.id, agent.id], value: agent.toRow() }),
      ),
      ...this.#forgotten,
      ...this.#tombstones.values(),
      ...this.#letters,
      ...this.#events.map(eventWrite),
    ];
  }
}
