import { expect } from 'chai';
import { isSpoken, secondsLeft, untilNextSecond } from '../../client/sdk/panel/countdown.ts';
import { clockTime, spokenTime, textsFor } from '../../client/sdk/panel/texts.ts';

describe('The countdown', () => {
  it('shows a second until it is over, and never less than none', () => {
    const shown = [60_000, 59_999, 59_000, 1, 0, -5_000].map((ms) => secondsLeft(ms, 0));
    expect(shown).to.deep.equal([60, 60, 59, 1, 0, 0]);
  });

  it('changes at the same moment in every tab: when a whole second is left', () => {
    for (const now of [0, 1, 250, 999, 1_000, 70_400]) {
      const next = now + untilNextSecond(60_000, now);
      expect(next).to.be.above(now);
      expect((60_000 - next) % 1_000, String(now)).to.equal(0);
    }
  });

  it('is spoken when it comes and at 60, 30 and 10 seconds, also where a tick is missed', () => {
    const spoken: number[] = [];
    let before: number | null = null;
    for (const left of [90, 75, 61, 60, 59, 31, 29, 28, 11, 10, 9, 1, 0]) {
      if (isSpoken(left, before)) spoken.push(left);
      before = left;
    }
    expect(spoken).to.deep.equal([90, 60, 29, 10]);
  });

  it('is written as clocks write it and said as people say it', () => {
    expect([0, 9, 61, 600, 3_661].map(clockTime)).to.deep.equal(['0:00', '0:09', '1:01', '10:00', '1:01:01']);
    expect(spokenTime(1, 'en')).to.equal('1 second');
    expect(spokenTime(300, 'en')).to.equal('5 minutes');
    expect(spokenTime(10, 'ar')).to.equal('10 ثوان');
    expect(spokenTime(30, 'ar')).to.equal('30 ثانية');
  });
});

describe('The texts', () => {
  it('come in the language asked for, in English where it is not shipped, and with the host’s own over them', () => {
    expect(textsFor('ar-EG').dir).to.equal('rtl');
    expect(textsFor('AR').lang).to.equal('ar');
    expect(textsFor('').lang).to.equal('en');
    expect(textsFor('tlh').lang).to.equal('en');
    expect(textsFor('en', { stay: 'Yes' })).to.include({ stay: 'Yes', endedTitle: 'You are signed out' });
  });

  it('say the same things in every language', () => {
    const [en, ar] = [textsFor('en'), textsFor('ar')];
    expect(Object.keys(ar)).to.deep.equal(Object.keys(en));
    for (const key of ['timeLeft', 'tabTitle'] as const) expect(ar[key]).to.include('{time}');
    for (const [key, text] of Object.entries(ar)) expect(text, key).to.match(/\S/);
  });
});
