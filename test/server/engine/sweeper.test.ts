import { expect } from 'chai';
import type { Engine } from '../../../server/engine/engine.ts';
import { type Sweeper, startSweeper } from '../../../server/engine/sweeper.ts';
import { createTestClock } from '../../support/clock.ts';

const START = Date.UTC(2026, 0, 5, 9);

describe('the sweeper', () => {
  let sweeper: Sweeper | undefined;
  afterEach(() => sweeper?.stop());

  /** An engine that is due when the test says so, and notes when it was swept. */
  function begin() {
    const clock = createTestClock(START);
    const swept: number[] = [];
    const warnings: string[] = [];
    const listeners = new Set<(dueAt: number) => void>();
    const script = { dueAt: () => Number.POSITIVE_INFINITY as number };
    let latest = 0;
    const engine = {
      now() {
        latest = Math.max(latest, clock.now());
        return latest;
      },
      async sweep() {
        swept.push(clock.monotonic());
        return script.dueAt();
      },
      onDueSooner(listener: (dueAt: number) => void) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    } as Partial<Engine> as Engine;
    sweeper = startSweeper({ engine, clock, log: { warn: (_, message) => void warnings.push(message) } });
    /** Time goes by a millisecond at a time, and whatever was woken has its turn. */
    const pass = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 1) {
        clock.advance(1);
        for (let turns = 0; turns < 4; turns += 1) await Promise.resolve();
      }
    };
    return { clock, swept, warnings, listeners, script, pass, sweeper };
  }

  it('looks at least once a second, whatever is due', async () => {
    const { swept, pass } = begin();
    await pass(5_500);
    // The first is at once, before the test lets any time pass.
    const [, first, ...later] = swept;
    expect(first).to.be.at.most(1_001);
    expect(later).to.deep.equal([1, 2, 3, 4].map((seconds) => first! + seconds * 1_000));
  });

  it('wakes at the moment that is due, not before', async () => {
    const { clock, swept, script, pass } = begin();
    const dueAt = clock.now() + 300;
    script.dueAt = () => (clock.now() < dueAt ? dueAt : Number.POSITIVE_INFINITY);
    await pass(299);
    expect(swept).to.have.length(1);
    await pass(1);
    expect(swept).to.deep.equal([swept[0], 300]);
  });

  it('wakes sooner when something became due sooner', async () => {
    const { clock, swept, listeners, pass } = begin();
    await pass(10);
    for (const listener of listeners) listener(clock.now() + 5);
    await pass(5);
    expect(swept.at(-1)).to.equal(15);
  });

  it('comes back at once while work is left', async () => {
    const { clock, swept, script, pass } = begin();
    let batches = 5;
    script.dueAt = () => {
      batches -= 1;
      return batches > 0 ? clock.now() : Number.POSITIVE_INFINITY;
    };
    await pass(10);
    expect(swept).to.have.length(5);
  });

  it('does not spin while a clock that was set back stands still', async () => {
    const { clock, swept, script, pass } = begin();
    await pass(10);
    const dueAt = clock.now() + 1;
    script.dueAt = () => dueAt;
    clock.step(-30_000);
    await pass(1_000);
    swept.length = 0;
    await pass(10_000);
    expect(swept.length).to.be.within(10, 101);
  });

  it('tries again when a sweep fails', async () => {
    const { swept, script, warnings, pass } = begin();
    script.dueAt = () => {
      throw new Error('no store');
    };
    await pass(2_500);
    expect(swept.length).to.be.at.least(3);
    expect(warnings.length).to.equal(swept.length);
  });

  it('sweeps no more once it is stopped', async () => {
    const { clock, swept, listeners, pass, sweeper: running } = begin();
    await pass(10);
    await running.stop();
    const before = swept.length;
    await pass(3_000);
    expect([swept.length, listeners.size, clock.pending]).to.deep.equal([before, 0, 0]);
  });
});
