import { expect } from 'chai';
import { createInputFilter } from '../../client/sdk/activity/input.ts';
import { createPageClock } from './page-clock.ts';

let timeStamp = 0;
/** Events are far apart unless they say otherwise. */
const event = (type: string, fields: Record<string, unknown> = {}): Event => {
  timeStamp += 1_000;
  return { type, isTrusted: true, timeStamp, ...fields } as unknown as Event;
};
const move = (screenX: number, screenY: number) => event('pointermove', { screenX, screenY });

function setUp(known: string | null = null) {
  const clock = createPageClock();
  clock.advance(60_000);
  return { clock, filter: createInputFilter(clock, known) };
}

describe('What counts as input', () => {
  it('is nothing that a script made', () => {
    const { filter } = setUp();
    for (const type of [
      'keydown',
      'pointermove',
      'pointerdown',
      'wheel',
      'touchstart',
      'click',
      'beforeinput',
      'paste',
      'drop',
    ]) {
      expect(filter.isInput(event(type, { isTrusted: false, screenX: 1, screenY: 2 })), type).to.equal(false);
    }
  });

  it('is what assistive technology speaks by: a trusted click without a pointer, text, a paste, a drop', () => {
    for (const type of ['click', 'beforeinput', 'paste', 'drop']) {
      expect(setUp().filter.isInput(event(type, { detail: 0 })), type).to.equal(true);
    }
  });

  it('is a move along one axis, and none where the pointer rests', () => {
    const { filter } = setUp('10,10');
    expect(filter.isInput(move(10, 10)), 'a page that loads under a resting pointer').to.equal(false);
    expect(filter.isInput(move(11, 10)), 'horizontal').to.equal(true);
    expect(filter.isInput(move(11, 10)), 'the layout shifts').to.equal(false);
    expect(filter.isInput(move(11, 12)), 'vertical').to.equal(true);
    expect(filter.position).to.equal('11,12');
  });

  it('is twenty moves a second of a pointer that moves on, and where it stopped is known all the same', () => {
    const { filter } = setUp();
    const start = timeStamp + 1_000;
    let counted = 0;
    for (let at = 0; at < 1_000; at += 5) {
      const one = event('pointermove', { screenX: at, screenY: 0, timeStamp: start + at });
      if (filter.isInput(one)) counted += 1;
    }
    expect(counted).to.equal(20);
    expect(filter.isInput(move(995, 0)), 'the layout shifts under the pointer that has stopped').to.equal(
      false,
    );
  });

  it('is a finger that moves, not one that rests', () => {
    const { filter } = setUp();
    const touch = (type: string, x: number) => event(type, { touches: [{ screenX: x, screenY: 5 }] });
    expect(filter.isInput(touch('touchstart', 1))).to.equal(true);
    expect(filter.isInput(touch('touchmove', 1))).to.equal(false);
    expect(filter.isInput(touch('touchmove', 2))).to.equal(true);
  });

  it('is a key once, however long it is held and whatever it does meanwhile', () => {
    const { clock, filter } = setUp();
    expect(filter.isInput(event('keydown', { repeat: false }))).to.equal(true);
    expect(filter.isInput(event('beforeinput')), 'the text of the same key').to.equal(false);
    for (let repeat = 0; repeat < 40; repeat += 1) {
      clock.advance(500);
      for (const type of ['keydown', 'beforeinput', 'click', 'paste']) {
        expect(filter.isInput(event(type, { repeat: true, detail: 0 })), type).to.equal(false);
      }
    }
    clock.advance(500);
    expect(filter.isInput(event('click', { detail: 0 })), 'later, by assistive technology').to.equal(true);
  });
});
