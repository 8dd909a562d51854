import type { Engine } from '../../../server/engine/engine.ts';
import type { EventType } from '../../../shared/events.ts';
import { Follower } from '../engine/follower.ts';
import type { EngineHarness } from '../engine/harness.ts';
import { ACCOUNTS } from './history.ts';
import { checkAudit, checkEverybody, checkFeed, checkSettled } from './invariants.ts';
import { Judge, type Licence, SWEEP } from './judge.ts';
import { type Person, Reference } from './reference.ts';
import { must } from './rules.ts';

/** Where a history is played: the engine, what must be true of it, and the judge who hears what it tells. */
export class Stage {
  readonly harness: EngineHarness;
  readonly reference: Reference;
  readonly judge: Judge;
  private readonly followers = ACCOUNTS.map((account) => new Follower(account));
  private heard = 0;

  constructor(harness: EngineHarness) {
    this.harness = harness;
    this.reference = new Reference(harness.clock.now());
    this.judge = new Judge(this.reference);
  }

  get engine(): Engine {
    return this.harness.engine;
  }

  /** Engine time as it must be. */
  get now(): number {
    return this.reference.now;
  }

  who(action: { who: number }): Person {
    return this.reference.people[action.who]!;
  }

  /** A sid of theirs: the newest first, they are the likeliest to be alive. */
  sid(action: { who: number; which: number }): string | undefined {
    const { sids } = this.who(action);
    return sids[sids.length - 1 - (action.which % sids.length)];
  }

  /** A call by or for one person: of nobody else may anything be told. */
  call<T>(
    { account, agent }: Person,
    types: readonly EventType[],
    run: () => Promise<T>,
    ends?: Licence['ends'],
  ): Promise<T> {
    return this.listen({ account, agent, types, ends }, run);
  }

  async listen<T>(licence: Licence, run: () => Promise<T>): Promise<T> {
    this.readClock();
    const answer = await run();
    const { emissions } = this.harness;
    const fresh = emissions.slice(this.heard);
    this.heard = emissions.length;
    this.judge.hear(fresh, licence);
    return answer;
  }

  readClock(): void {
    this.reference.readClock(this.harness.clock.now());
  }

  /** Sweeps until no work is left; answers when to come again. */
  async sweepUp(): Promise<number> {
    for (let calls = 0; calls < 100; calls += 1) {
      this.reference.beginSweep(this.harness.clock.now());
      const dueAt = await this.listen(SWEEP, () => this.engine.sweep());
      if (dueAt <= this.now) continue;
      checkSettled(this.reference, dueAt);
      return dueAt;
    }
    must(false, 'a sweep comes to an end');
  }

  checkStep(): Promise<void> {
    return checkEverybody(this.engine, this.reference);
  }

  checkFeed(index: number): Promise<void> {
    return checkFeed(this.engine, ACCOUNTS[index]!, this.followers[index]!);
  }

  async checkEnd(): Promise<void> {
    for (const [index, account] of ACCOUNTS.entries()) {
      await this.checkFeed(index);
      await checkAudit(this.engine, account, this.judge);
    }
  }
}
