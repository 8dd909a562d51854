import { expect } from 'chai';
import fc from 'fast-check';
import { DueQueue } from '../../../server/sockets/due-queue.ts';
import { createTestClock } from '../../support/clock.ts';

describe('the queue of due things', () => {
  function open(slackMs = 0) {
    const clock = createTestClock(0);
    const ran: [item: string, at: number][] = [];
    const queue = new DueQueue<string>({
      clock,
      now: () => clock.now(),
      slackMs,
      run: (due) => ran.push(...due.map((item): [string, number] => [item, clock.now()])),
    });
    return { clock, queue, ran };
  }

  it('hands each over at its moment, with one timer for all', () => {
    const { clock, queue, ran } = open();
    queue.set('b', 20);
    queue.set('a', 10);
    queue.set('c', 5_000);
    expect(clock.pending).to.equal(1);
    clock.advance(10_000);
    expect(ran).to.deep.equal([
      ['a', 10],
      ['b', 20],
      ['c', 5_000],
    ]);
    expect(clock.pending).to.equal(0);
  });

  it('moves and forgets', () => {
    const { clock, queue, ran } = open();
    for (const item of ['a', 'b', 'c', 'd']) queue.set(item, 10);
    queue.set('a', 30);
    queue.hasten('a', 20);
    queue.hasten('b', 15);
    queue.delete('c');
    queue.set('d', Number.POSITIVE_INFINITY);
    clock.advance(100);
    expect(ran).to.deep.equal([
      ['b', 10],
      ['a', 20],
    ]);
    expect(queue.size).to.equal(0);
  });

  it('takes along what is due a little later, but nobody alone before its moment', () => {
    const { clock, queue, ran } = open(20);
    queue.set('a', 100);
    queue.set('b', 115);
    queue.set('c', 130);
    clock.advance(99);
    expect(ran).to.deep.equal([]);
    clock.advance(1);
    expect(ran.map(([item]) => item)).to.deep.equal(['a', 'b']);
    clock.advance(30);
    expect(ran.at(-1)).to.deep.equal(['c', 130]);
  });

  it('hands nobody over early because it happens to look', () => {
    const { clock, queue, ran } = open(20);
    queue.set('a', 1_010);
    clock.advance(1_009);
    expect(ran).to.deep.equal([]);
    clock.advance(1);
    expect(ran).to.deep.equal([['a', 1_010]]);
  });

  it('notices within a second that the clock was set forward', () => {
    const { clock, queue, ran } = open();
    queue.set('a', 3_600_000);
    clock.advance(500);
    clock.step(3_600_000);
    clock.advance(1_000);
    expect(ran.map(([item]) => item)).to.deep.equal(['a']);
  });

  it('lets the loop breathe where many are due at once', () => {
    const clock = createTestClock(0);
    const batches: number[] = [];
    const queue = new DueQueue<number>({
      clock,
      now: () => clock.now(),
      slackMs: 0,
      run: (due) => batches.push(due.length),
    });
    for (let i = 0; i < 1_200; i += 1) queue.set(i, 10);
    clock.advance(10);
    expect(batches).to.deep.equal([500, 500, 200]);
  });

  it('runs nothing once closed', () => {
    const { clock, queue, ran } = open();
    queue.set('a', 10);
    queue.close();
    queue.set('b', 10);
    clock.advance(100);
    expect(ran).to.deep.equal([]);
    expect(clock.pending).to.equal(0);
  });

  it('agrees with a plain list, whatever is put in, moved and taken out', () => {
    const step = fc.oneof(
      fc.record({ act: fc.constant('set'), item: fc.nat(20), value: fc.nat(5_000) }),
      fc.record({ act: fc.constant('hasten'), item: fc.nat(20), value: fc.nat(5_000) }),
      fc.record({ act: fc.constant('delete'), item: fc.nat(20), value: fc.constant(0) }),
      fc.record({ act: fc.constant('advance'), item: fc.constant(0), value: fc.nat(1_500) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { clock, queue, ran } = open();
        const model = new Map<string, number>();
        const expected: string[] = [];
        for (const { act, item, value } of steps) {
          const name = `${item}`;
          if (act === 'advance') {
            clock.advance(value);
            const due = [...model].filter(([, at]) => at <= clock.now());
            for (const [key] of due) model.delete(key);
            expected.push(...due.map(([key]) => key));
          } else if (act === 'delete') {
            queue.delete(name);
            model.delete(name);
          } else {
            const at = Math.max(clock.now() + 1, value);
            if (act === 'set') queue.set(name, at);
            else queue.hasten(name, at);
            model.set(name, act === 'set' ? at : Math.min(at, model.get(name) ?? at));
          }
        }
        expect(ran.map(([item]) => item).sort()).to.deep.equal(expected.sort());
        expect(queue.size).to.equal(model.size);
        expect(ran.map(([, at]) => at)).to.deep.equal(ran.map(([, at]) => at).sort((a, b) => a - b));
      }),
      { numRuns: 300 },
    );
  });
});
