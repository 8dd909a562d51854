import { expect } from 'chai';
import fc from 'fast-check';
import { DueQueue } from '../../../server/sockets/due-queue.ts';
import { createTestClock } from '../../support/clock.ts';

describe('the queue of due things', () => {
  function open(gapMs = 0) {
    const clock = createTestClock(0);
    const ran: [item: string, at: number][] = [];
    const queue = new DueQueue<string>({
      clock,
      now: () => clock.now(),
      gapMs,
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

  it('hands over what is due in quick succession in batches, the first of it at its moment, nothing before', () => {
    const { clock, queue, ran } = open(20);
    for (const [item, at] of [
      ['a', 100],
      ['b', 101],
      ['c', 115],
      ['d', 120],
      ['e', 1_000],
    ] as const)
      queue.set(item, at);
    clock.advance(2_000);
    expect(ran).to.deep.equal([
      ['a', 100],
      ['b', 120],
      ['c', 120],
      ['d', 120],
      ['e', 1_000],
    ]);
  });

  it('hands each of many over once, however close they are', () => {
    const { clock, queue, ran } = open(20);
    for (let i = 0; i < 1_000; i += 1) queue.set(String(i), 100 + i / 10);
    clock.advance(300);
    expect(ran.length).to.equal(1_000);
    expect(new Set(ran.map(([, at]) => at)).size).to.be.at.most(6);
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
