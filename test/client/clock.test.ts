import { expect } from 'chai';
import { createServerClock, elapsedSince, markNow } from '../../client/sdk/clock.ts';
import { createPageClock, START } from './page-clock.ts';

const HOUR = 3_600_000;

describe('The time in a page', () => {
  it('measures what passed by whichever clock says longer', () => {
    const clock = createPageClock();
    const mark = markNow(clock);
    clock.advance(1_000);
    expect(elapsedSince(clock, mark)).to.equal(1_000);
    clock.sleep(HOUR);
    expect(elapsedSince(clock, mark), 'a sleep that the monotonic clock missed').to.equal(HOUR + 1_000);
    clock.step(-2 * HOUR);
    expect(elapsedSince(clock, mark), 'a wall clock that was set back').to.equal(1_000);
  });

  it('is never negative', () => {
    const clock = createPageClock();
    const mark = markNow(clock);
    clock.step(-HOUR);
    expect(elapsedSince(clock, mark)).to.equal(0);
  });

  it('is the page’s own before the server is heard, and the server’s from then on', () => {
    const clock = createPageClock();
    const server = createServerClock(clock);
    expect(server.now()).to.equal(START);
    server.hear(START + HOUR);
    clock.advance(250);
    expect(server.now()).to.equal(START + HOUR + 250);
  });

  it('believes the fastest of several messages', () => {
    const clock = createPageClock();
    const server = createServerClock(clock);
    server.hear(START - 400);
    clock.advance(1_000);
    server.hear(START + 1_000 - 30);
    clock.advance(1_000);
    server.hear(START + 2_000 - 900);
    expect(server.now()).to.equal(START + 2_000 - 30);
  });

  it('goes back where it must be wrong: more than any delay, or after a long while', () => {
    const clock = createPageClock();
    const server = createServerClock(clock);
    server.hear(START);
    clock.step(HOUR);
    expect(server.now(), 'a wall clock that was set forward looks like a sleep').to.equal(START + HOUR);
    server.hear(START + 10);
    expect(server.now()).to.equal(START + 10);

    clock.advance(11 * 60_000);
    server.hear(START + 11 * 60_000 - 500);
    expect(server.now(), 'a page clock that runs fast').to.equal(START + 11 * 60_000 - 500);
  });

  it('goes on through a sleep', () => {
    const clock = createPageClock();
    const server = createServerClock(clock);
    server.hear(START);
    clock.sleep(HOUR);
    expect(server.now()).to.equal(START + HOUR);
  });
});
