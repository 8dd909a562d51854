import { expect } from 'chai';
import { createTestClock } from './clock.ts';

describe('the test clock', () => {
  it('runs due timers in order, each at its own moment, also those armed meanwhile', () => {
    const clock = createTestClock(1_000);
    const ran: [string, number][] = [];
    clock.after(30, () => ran.push(['c', clock.now()]));
    clock.after(10, () => {
      ran.push(['a', clock.now()]);
      clock.after(10, () => ran.push(['b', clock.now()]));
    });
    clock.after(50, () => ran.push(['late', clock.now()]));
    clock.advance(40);
    expect(ran).to.deep.equal([
      ['a', 1_010],
      ['b', 1_020],
      ['c', 1_030],
    ]);
    expect(clock.now()).to.equal(1_040);
    expect(clock.pending).to.equal(1);
  });

  it('shifts only the wall clock when it is stepped', () => {
    const clock = createTestClock(1_000);
    let ran = 0;
    const cancel = clock.after(10, () => ran++);
    clock.step(-500);
    expect([clock.now(), clock.monotonic(), ran]).to.deep.equal([500, 0, 0]);
    cancel();
    clock.advance(20);
    expect([clock.now(), clock.monotonic(), ran]).to.deep.equal([520, 20, 0]);
  });

  it('refuses a timer of more than a minute', () => {
    expect(() => createTestClock(0).after(60_001, () => undefined)).to.throw(RangeError);
  });
});
