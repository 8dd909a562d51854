import type { SessionView } from '../../../shared/protocol.ts';
import { EngineUnavailable, type LoginRef, type SessionEnd } from '../engine.ts';
import { encodeId } from '../ids.ts';
import type { PartitionCalls } from './partition-calls.ts';
import type { Partitions } from './partitions.ts';
import type { RecentRev, RecentRevs } from './recent-revs.ts';

export type SessionAnswer = SessionView | SessionEnd | null;

/** Reads sessions, and mends what an answer shows to be missing. */
export class SessionReading {
  readonly #calls: PartitionCalls;
  readonly #partitions: Partitions;
  readonly #revs: RecentRevs;

  constructor(calls: PartitionCalls, partitions: Partitions, revs: RecentRevs) {
    this.#calls = calls;
    this.#partitions = partitions;
    this.#revs = revs;
  }

  /** Rejects with EngineUnavailable. At most 500 logins of one partition. */
  async read(partition: number, logins: readonly LoginRef[]): Promise<SessionAnswer[]> {
    const told = logins.map((login) => this.#revs.of(login));
    let answers = await this.#ask(partition, logins);
    // Before it was asked, this node had been told something newer, or something else of that rev: by a server that lost it,
    // or that was not the only one to take itself for the master. Tabs would drop what is no newer than that.
    const missing = told.filter((rev, i) => rev?.isMissingIn(answers[i]!) ?? false).map((rev) => rev!);
    if (missing.length > 0 && (await this.#raise(partition, missing))) {
      answers = await this.#ask(partition, logins);
    }
    for (const [i, answer] of answers.entries()) {
      if (answer !== null && answer.state !== 'ended') this.#revs.answered(logins[i]!, answer);
    }
    return answers;
  }

  /** An admission lacks what this node was told: it is answered as it is once that is mended. */
  async mend(login: LoginRef, admission: { session: SessionView }): Promise<void> {
    const [answer] = await this.read(this.#partitions.of(login.account), [login]);
    if (answer && answer.state !== 'ended') admission.session = answer;
  }

  /** False where it was refused: the answers are what Redis says, after all. */
  async #raise(partition: number, missing: RecentRev[]): Promise<boolean> {
    this.#revs.raised(missing);
    try {
      await this.#calls.raiseRevs(partition, missing);
      return true;
    } catch (error) {
      if (!(error instanceof EngineUnavailable)) throw error;
      return false;
    }
  }

  async #ask(partition: number, logins: readonly LoginRef[]): Promise<SessionAnswer[]> {
    const words = logins.flatMap(({ account, agent, sid }) => [account, agent, sid].map(encodeId));
    return JSON.parse(String(await this.#calls.call('read-sessions', partition, words)));
  }
}
