import { expect } from 'chai';
import { TabVisibility } from '../../../server/sockets/visibility.ts';

const NOW = 1_000_000;

describe('the visibility of a tab', () => {
  const counting = (tab: TabVisibility, moments: number[]) => moments.filter((at) => tab.counts(at));

  it('is none until the tab has said so, and nothing of it counts', () => {
    const tab = new TabVisibility();
    expect([tab.visible, tab.since]).to.deep.equal([false, null]);
    expect(counting(tab, [0, NOW - 60_000, NOW])).to.deep.equal([]);
  });

  it('lets all input of a visible tab count, with the focus or without', () => {
    const tab = new TabVisibility();
    expect(tab.report({ visible: true, focused: false, sinceMs: 500 }, NOW)).to.equal(true);
    expect([tab.visible, tab.since]).to.deep.equal([true, NOW - 500]);
    expect(counting(tab, [NOW - 10_000, NOW, NOW + 1])).to.have.length(3);
  });

  it('lets input from before it was hidden count, and none after', () => {
    const tab = new TabVisibility();
    tab.report({ visible: true, focused: true }, NOW - 60_000);
    tab.report({ visible: false, focused: false, sinceMs: 5_000 }, NOW);
    expect(counting(tab, [NOW - 5_001, NOW - 5_000, NOW - 4_800, NOW])).to.deep.equal([
      NOW - 5_001,
      NOW - 5_000,
    ]);
  });

  it('takes the moment of the report where a tab seen visible does not say since when it is hidden', () => {
    const tab = new TabVisibility();
    tab.report({ visible: true, focused: true }, NOW - 60_000);
    tab.report({ visible: false, focused: false }, NOW);
    expect(counting(tab, [NOW - 1, NOW, NOW + 1])).to.deep.equal([NOW - 1, NOW]);
  });

  it('believes a tab that comes back hidden when it was hidden', () => {
    const tab = new TabVisibility();
    tab.report({ visible: false, focused: false, sinceMs: 30_000 }, NOW);
    expect(counting(tab, [NOW - 30_001, NOW - 29_700])).to.deep.equal([NOW - 30_001]);
  });

  it('lets what was typed just before it was hidden count, also where that is read a moment later', () => {
    const tab = new TabVisibility();
    // Both say 1,235 ms ago; the second was read 60 ms after the first.
    tab.report({ visible: false, focused: false, sinceMs: 1_235 }, NOW);
    expect(tab.counts(NOW + 60 - 1_235)).to.equal(true);
    expect(tab.since).to.equal(NOW - 1_235);
  });

  it('lets nothing count of a tab that was never seen visible and does not say since when', () => {
    const tab = new TabVisibility();
    tab.report({ visible: false, focused: false }, NOW);
    expect(counting(tab, [NOW - 3_600_000, NOW])).to.deep.equal([]);
  });

  it('moves the moment of hiding only back while it stays hidden', () => {
    const tab = new TabVisibility();
    tab.report({ visible: true, focused: true }, NOW - 60_000);
    tab.report({ visible: false, focused: true }, NOW);
    expect(tab.report({ visible: false, focused: false, sinceMs: 0 }, NOW + 9_000)).to.equal(false);
    expect(counting(tab, [NOW, NOW + 8_000])).to.deep.equal([NOW]);
    tab.report({ visible: false, focused: false, sinceMs: 20_000 }, NOW + 10_000);
    expect(counting(tab, [NOW - 10_000, NOW])).to.deep.equal([NOW - 10_000]);
  });

  it('starts anew each time it was shown', () => {
    const tab = new TabVisibility();
    tab.report({ visible: true, focused: true }, NOW);
    tab.report({ visible: false, focused: false }, NOW + 10);
    expect(tab.report({ visible: true, focused: true }, NOW + 20)).to.equal(true);
    expect(tab.report({ visible: false, focused: false }, NOW + 30)).to.equal(true);
    expect(counting(tab, [NOW + 25, NOW + 31])).to.deep.equal([NOW + 25]);
  });
});
