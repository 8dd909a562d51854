import { expect } from 'chai';
import { type Pace, waitBeforeTry } from '../../client/sdk/link/backoff.ts';

const waits = (pace: Pace, random: number, count = 40) =>
  Array.from({ length: count }, (_, failures) => waitBeforeTry(failures, pace, random));

describe('How long to wait before connecting again', () => {
  it('is not at all for the first try', () => {
    for (const pace of ['normal', 'urgent', 'refused'] as const)
      expect(waitBeforeTry(0, pace, 0.99)).to.equal(0);
  });

  it('grows, and stays below half a minute, so that a hidden tab is back within one', () => {
    for (const pace of ['normal', 'urgent', 'refused'] as const) {
      const all = waits(pace, 0.999);
      for (const [index, wait] of all.entries()) expect(wait).to.be.at.least(all[index - 1] ?? 0);
      expect(Math.max(...all)).to.be.at.most(30_000);
    }
  });

  it('is shorter where every second counts, and longer where the server has refused', () => {
    expect(Math.max(...waits('urgent', 0.999))).to.be.at.most(3_000);
    expect(Math.max(...waits('normal', 0.999))).to.be.at.most(10_000);
    expect(waitBeforeTry(1, 'refused', 0)).to.be.at.least(1_000);
  });

  it('spreads the tabs of a server that went away over half of it', () => {
    expect(waitBeforeTry(5, 'normal', 0)).to.equal(4_000);
    expect(waitBeforeTry(5, 'normal', 0.999)).to.be.closeTo(8_000, 10);
  });
});
