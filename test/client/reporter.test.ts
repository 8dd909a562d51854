import { expect } from 'chai';
import { createReporter } from '../../client/sdk/activity/reporter.ts';
import { markNow } from '../../client/sdk/clock.ts';
import { createPageClock } from './page-clock.ts';

function setUp({ intervalMs = 15_000 } = {}) {
  const clock = createPageClock();
  const sent: number[] = [];
  const link = { up: true, intervalMs };
  const made = createReporter({
    clock,
    intervalMs: () => link.intervalMs,
    send(idleMs) {
      if (link.up) sent.push(idleMs);
      return link.up;
    },
  });
  const reporter = { ...made, input: () => made.input(markNow(clock)) };
  return { clock, sent, link, reporter };
}

describe('When input is reported', () => {
  it('is at once after a quiet spell', () => {
    const { clock, sent, reporter } = setUp();
    reporter.input();
    expect(sent).to.deep.equal([0]);
    clock.advance(60_000);
    reporter.input();
    expect(sent).to.deep.equal([0, 0]);
  });

  it('is once per interval while somebody works, with the age of the newest input', () => {
    const { clock, sent, reporter } = setUp();
    for (let second = 0; second < 60; second += 1) {
      reporter.input();
      clock.advance(1_000);
    }
    expect(sent).to.deep.equal([0, 1_000, 1_000, 1_000, 1_000]);
    const other = setUp();
    other.reporter.input();
    other.clock.advance(4_000);
    other.reporter.input();
    other.clock.advance(60_000);
    expect(other.sent).to.deep.equal([0, 11_000]);
  });

  it('is never for input that was reported already', () => {
    const { clock, sent, reporter } = setUp();
    reporter.input();
    reporter.flush();
    clock.advance(120_000);
    reporter.flush();
    expect(sent).to.deep.equal([0]);
    expect(clock.pending).to.equal(0);
  });

  it('is at once where the page is left, without waiting for its turn', () => {
    const { clock, sent, reporter } = setUp();
    reporter.input();
    clock.advance(2_000);
    reporter.input();
    clock.advance(700);
    reporter.flush();
    expect(sent).to.deep.equal([0, 700]);
  });

  it('keeps only the newest input while there is no link, and dates it when it is sent', () => {
    const { clock, sent, link, reporter } = setUp();
    link.up = false;
    for (let press = 0; press < 5; press += 1) {
      reporter.input();
      clock.advance(1_000);
    }
    expect(sent).to.deep.equal([]);
    clock.advance(20_000);
    link.up = true;
    reporter.repeat();
    expect(sent).to.deep.equal([21_000]);
  });

  it('repeats the last input on a new link, though it was reported on the old one', () => {
    const { clock, sent, reporter } = setUp();
    reporter.input();
    clock.advance(5_000);
    reporter.repeat();
    expect(sent).to.deep.equal([0, 5_000]);
  });

  it('repeats nothing where there was no input', () => {
    const { sent, reporter } = setUp();
    reporter.repeat();
    expect(sent).to.deep.equal([]);
  });

  it('makes input older, never younger, where the machine slept', () => {
    const { clock, sent, link, reporter } = setUp();
    link.up = false;
    reporter.input();
    clock.sleep(3_600_000);
    link.up = true;
    reporter.repeat();
    expect(sent).to.deep.equal([3_600_000]);
  });

  it('follows an interval that gets shorter, as under a warning', () => {
    const { clock, sent, link, reporter } = setUp();
    reporter.input();
    clock.advance(3_000);
    link.intervalMs = 1_000;
    reporter.input();
    expect(sent).to.deep.equal([0, 0]);
  });
});
