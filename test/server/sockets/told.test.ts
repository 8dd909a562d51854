import { expect } from 'chai';
import { isPressing, nextCheckAt } from '../../../server/sockets/told.ts';

const WARN_AT = 100_000;
const told = { warned: false, warnAt: WARN_AT, endsAt: WARN_AT + 60_000 };

describe('when to look again at what tabs were told', () => {
  it('is before the moment of the warning passes, first with time for the answer, then at the last moment', () => {
    const first = nextCheckAt(told, 0);
    expect(first).to.be.within(WARN_AT - 2_000, WARN_AT - 1_000);
    const second = nextCheckAt(told, first);
    expect(second).to.be.within(WARN_AT - 200, WARN_AT - 50);
    expect(second).to.be.greaterThan(first);
  });

  it('is within 2 s after the moment of the warning, and again until there is word', () => {
    let now = WARN_AT - 100;
    for (let look = 0; look < 5; look += 1) {
      const next = nextCheckAt(told, now);
      expect(next - Math.max(now, WARN_AT)).to.be.within(1_000, 2_000);
      now = next;
    }
  });

  it('is within 2 s after the end that the warning told, and not before', () => {
    const warned = { ...told, warned: true };
    expect(nextCheckAt(warned, WARN_AT)).to.be.within(warned.endsAt + 500, warned.endsAt + 2_000);
    expect(nextCheckAt(warned, warned.endsAt + 5_000) - warned.endsAt).to.be.within(6_000, 7_000);
  });

  it('is never where nothing was told', () => {
    const nothing = {
      warned: false,
      warnAt: Number.POSITIVE_INFINITY,
      endsAt: Number.POSITIVE_INFINITY,
    };
    expect(nextCheckAt(nothing, 0)).to.equal(Number.POSITIVE_INFINITY);
    expect(isPressing(nothing, 1e15)).to.equal(false);
  });

  it('presses from shortly before the warning on', () => {
    expect(isPressing(told, WARN_AT - 10_000)).to.equal(false);
    expect(isPressing(told, WARN_AT - 1_000)).to.equal(true);
    expect(isPressing({ ...told, warned: true, warnAt: WARN_AT }, 0)).to.equal(true);
  });
});
