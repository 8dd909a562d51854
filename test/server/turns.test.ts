import { expect } from 'chai';
import { Turns } from '../../server/turns.ts';
import { createTestClock } from '../support/clock.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('what a turn of the event loop has time for', () => {
  const stage = () => {
    const clock = createTestClock(0);
    const failures: unknown[] = [];
    const turns = new Turns(clock, (error) => failures.push(error));
    const done: number[] = [];
    const work = (name: number, ms: number) =>
      turns.run(() => {
        clock.advance(ms);
        done.push(name);
      });
    const last = (name: number, ms: number) =>
      turns.runLast(() => {
        clock.advance(ms);
        done.push(name);
      });
    return { clock, turns, done, work, last, failures };
  };

  it('is done at once', () => {
    const { done, work } = stage();
    for (let name = 0; name < 1_000; name += 1) work(name, 0);
    expect(done).to.have.lengthOf(1_000);
  });

  it('is 4 ms; the rest is done in the next turns, in its order, and so is what comes meanwhile', async () => {
    const { done, work } = stage();
    for (let name = 1; name <= 5; name += 1) work(name, 2);
    expect(done).to.deep.equal([1, 2]);
    await turn();
    work(6, 0);
    expect(done).to.deep.equal([1, 2, 3, 4]);
    await turn();
    expect(done).to.deep.equal([1, 2, 3, 4, 5, 6]);
  });

  it('is there again in the next turn', async () => {
    const { done, work } = stage();
    work(1, 20);
    await turn();
    work(2, 20);
    expect(done).to.deep.equal([1, 2]);
  });

  it('is also that of what can wait, where nothing has to', () => {
    const { done, work, last } = stage();
    last(1, 0);
    work(2, 1);
    last(3, 1);
    expect(done).to.deep.equal([1, 2, 3]);
  });

  it('is not that of what can wait until for a quarter of a second nothing had to', async () => {
    const { clock, done, work, last } = stage();
    work(1, 4);
    work(2, 0);
    last(3, 4);
    last(4, 0);
    await turn();
    expect(done).to.deep.equal([1, 2]);
    work(5, 0);
    last(6, 0);
    clock.advance(200);
    await turn();
    expect(done).to.deep.equal([1, 2, 5]);
    clock.advance(50);
    await turn();
    expect(done).to.deep.equal([1, 2, 5, 3]);
    await turn();
    expect(done).to.deep.equal([1, 2, 5, 3, 4, 6]);
    last(7, 0);
    expect(done.at(-1)).to.equal(7);
    expect(clock.pending).to.equal(0);
  });

  it('is in part that of what has waited for two seconds, whatever else has to wait', async () => {
    const { clock, done, work, last } = stage();
    work(1, 4);
    last(2, 4);
    for (let name = 3; done.at(-1) !== 2; name += 1) {
      work(name, 4);
      work(name, 4);
      clock.advance(100);
      await turn();
      if (name > 50) break;
    }
    expect(done.at(-1)).to.equal(2);
    expect(clock.monotonic()).to.be.within(2_000, 2_300);
  });

  it('is that of all that has waited for two seconds, between what has to wait now and then', async () => {
    const { clock, done, work, last } = stage();
    work(1, 4);
    for (let name = 0; name < 20; name += 1) last(-name, 2);
    clock.advance(2_000);
    work(2, 4);
    work(3, 0);
    for (let count = 0; count < 20; count += 1) await turn();
    expect(done).to.include(-19);
    expect(clock.monotonic(), 'it did not wait for a rest').to.be.below(2_100);
  });

  it('is had again after it was closed during a rest', async () => {
    const { clock, turns, done, work, last } = stage();
    for (const name of [1, 2]) {
      work(name, 4);
      work(-name, 0);
      last(10 * name, 0);
      await turn();
      if (name === 1) turns.close();
    }
    clock.advance(250);
    await turn();
    expect(done).to.include.members([10, 20]);
  });

  it('counts what is done within something else once', () => {
    const { turns, done, work, clock } = stage();
    turns.run(() => {
      work(1, 1);
      clock.advance(1);
    });
    work(2, 1);
    work(3, 1);
    work(4, 1);
    expect(done).to.deep.equal([1, 2, 3]);
  });

  it('is the others’ where one fails, at once or later', async () => {
    const { turns, done, work, failures } = stage();
    const failing = (message: string) => () => {
      throw new Error(message);
    };
    turns.run(failing('at once'));
    work(1, 20);
    turns.run(failing('later'));
    work(2, 0);
    await turn();
    expect(done).to.deep.equal([1, 2]);
    expect(failures.map(String)).to.deep.equal(['Error: at once', 'Error: later']);
  });

  it('is nobody’s any more once it is closed, but for what could wait', async () => {
    const { clock, turns, done, work, last } = stage();
    work(1, 20);
    work(2, 20);
    last(3, 20);
    last(4, 20);
    await turn();
    work(5, 20);
    await turn();
    turns.close();
    expect(done).to.deep.equal([1, 2, 5, 3, 4]);
    await turn();
    expect(done).to.deep.equal([1, 2, 5, 3, 4]);
    expect(clock.pending).to.equal(0);
  });
});
