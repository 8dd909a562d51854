import { expect } from 'chai';
import type { Tab } from '../../support/tab.ts';
import { until } from '../../support/waiting.ts';
import { DAY, Desk, LEAD, MINUTE, SECOND, START, settle } from './desk.ts';

/** When the engine has the newest input of an agent. */
async function lastActivityAt(desk: Desk, agent = 'ada'): Promise<number | undefined> {
  return (await desk.engine.agent('acme', agent))?.lastActivityAt;
}

describe("a tab's activity", () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await Desk.open();
  });
  afterEach(async () => {
    await desk.close();
    expect(desk.errors).to.deep.equal([]);
  });

  const report = (tab: Tab, idleMs = 0) => desk.say(tab, 'activity', { idleMs });

  it('reaches the engine within 250 ms, dated when it came in, the newest of each login, all in one call', async () => {
    const [one, two] = [await desk.tab({ sid: 's-1' }), await desk.tab({ sid: 's-1' })];
    const other = await desk.tab({ sub: 'bob', sid: 's-2' });
    await desk.pass(MINUTE);
    await report(one, 5_000);
    await report(two, 2_000);
    await report(one, 3_000);
    await report(other, 0);
    expect(desk.between.calls('touch')).to.deep.equal([]);
    await desk.pass(250);
    const seen = START + MINUTE;
    expect(desk.between.calls('touch')).to.deep.equal([
      [
        [
          { account: 'acme', agent: 'ada', sid: 's-1', at: seen - 2_000 },
          { account: 'acme', agent: 'bob', sid: 's-2', at: seen },
        ],
      ],
    ]);
  });

  it('is passed on after the visibility of the tab', async () => {
    const tab = await desk.tab();
    await report(tab);
    await desk.pass(250);
    expect(desk.between.order.slice(-2)).to.deep.equal(['updateTabs', 'touch']);
  });

  it('counts only while the tab is visible, or from before it was hidden', async () => {
    const tab = desk.connect(desk.token());
    await tab.next('session');
    await desk.pass(MINUTE);
    await report(tab);
    await desk.pass(SECOND);
    expect(await lastActivityAt(desk), 'a tab that has not said that it is visible').to.equal(START);
    await desk.say(tab, 'focus', { visible: false, focused: false, sinceMs: 10_000 });
    await report(tab, 9_000);
    await desk.pass(SECOND);
    expect(await lastActivityAt(desk), 'after it was hidden').to.equal(START);
    await report(tab, 13_000);
    await desk.pass(SECOND);
    expect(await lastActivityAt(desk), 'before it was hidden').to.equal(START + MINUTE - 11_000);
  });

  it('counts in a visible tab without the focus', async () => {
    const tab = await desk.tab();
    await desk.say(tab, 'focus', { visible: true, focused: false });
    await desk.pass(MINUTE);
    await report(tab);
    await desk.pass(SECOND);
    expect(await lastActivityAt(desk)).to.equal(START + MINUTE);
  });

  it('lies never in the future and never before the beginning of time', async () => {
    const tab = await desk.tab();
    await desk.pass(MINUTE);
    await report(tab, 1e300);
    await report(tab, 0.4);
    await desk.pass(SECOND);
    expect(await lastActivityAt(desk)).to.equal(START + MINUTE);
  });

  it('of a warned agent is written through at once, and dismisses the warning in all tabs', async () => {
    const [one, two] = [await desk.tab(), await desk.tab()];
    await desk.pass(DAY - LEAD);
    const warnings = await Promise.all([one, two].map((tab) => tab.next('warning')));
    expect(warnings.map(({ message }) => message)).to.deep.equal(
      Array(2).fill({
        rev: warnings[0]!.message.rev,
        deadlineAt: START + DAY,
        endsAt: START + DAY,
        serverTime: START + DAY - LEAD,
      }),
    );
    await report(one);
    for (const tab of [one, two]) {
      const { message } = await tab.next('session', ({ lastActivityAt }) => lastActivityAt > START);
      expect(message).to.include({ state: 'active', lastActivityAt: START + DAY - LEAD });
    }
  });

  it('just before the warning is written through too, and all tabs hear in time that it comes later', async () => {
    const [one, two] = [await desk.tab(), await desk.tab()];
    await desk.pass(DAY - LEAD - 60);
    await report(one);
    await desk.pass(59, { stepMs: 1 });
    for (const tab of [one, two]) {
      const { message } = await tab.next('session', ({ lastActivityAt }) => lastActivityAt > START);
      expect(message.warnAt).to.equal(START + DAY - LEAD - 60 + DAY - LEAD);
    }
    await desk.pass(SECOND, { stepMs: 100 });
    expect(one.all('warning')).to.deep.equal([]);
  });

  it('on another node is told before the moment of the warning that was told last has passed', async () => {
    const tab = await desk.tab({ sid: 's-1' });
    await desk.pass(DAY - LEAD - 10 * SECOND);
    const at = desk.clock.now();
    await desk.engine.touch([{ account: 'acme', agent: 'ada', sid: 's-1', at }]);
    await desk.pass(7 * SECOND, { stepMs: SECOND });
    expect(tab.all('session')).to.have.length(1);
    await desk.pass(3 * SECOND - 1, { stepMs: 50 });
    const { message } = await tab.next('session', ({ lastActivityAt }) => lastActivityAt === at);
    expect(message.serverTime).to.be.lessThan(START + DAY - LEAD);
    expect(message.warnAt).to.equal(at + DAY - LEAD);
  });

  it('on another node is told even where it comes while we are looking', async () => {
    const tab = await desk.tab({ sid: 's-1' });
    await desk.pass(DAY - LEAD - SECOND, { stepMs: 10 * MINUTE });
    const at = desk.clock.now();
    await desk.engine.touch([{ account: 'acme', agent: 'ada', sid: 's-1', at }]);
    await desk.pass(SECOND - 1, { stepMs: 50 });
    await tab.next('session', ({ lastActivityAt }) => lastActivityAt === at);
  });

  it('costs the engine nothing where nobody does anything', async () => {
    await desk.tab();
    await desk.pass(SECOND);
    const before = desk.between.order.length;
    await desk.pass(DAY - LEAD - MINUTE, { stepMs: MINUTE });
    expect(desk.between.order.slice(before)).to.deep.equal([]);
  });

  it('is kept while the engine is away, and arrives first when it is back', async () => {
    const tab = await desk.tab({ sid: 's-1' });
    await desk.pass(MINUTE);
    desk.between.down();
    await report(tab, 2_000);
    await desk.pass(10 * SECOND, { sweep: false });
    await report(tab, 1_000);
    await desk.pass(5 * SECOND, { sweep: false });
    const before = desk.between.order.length;
    desk.between.up();
    await until(() => desk.between.calls('sessions').length > 0, 'the sessions to be read anew');
    expect(desk.between.order.slice(before)).to.deep.equal(['touch', 'sessions']);
    expect(await lastActivityAt(desk)).to.equal(START + MINUTE + 9 * SECOND);
    await tab.next('session', ({ lastActivityAt }) => lastActivityAt === START + MINUTE + 9 * SECOND);
  });

  it('that the engine had before it was away is repeated when it is back: it may have been lost', async () => {
    const tab = await desk.tab({ sid: 's-1' });
    await desk.pass(MINUTE);
    await report(tab);
    await desk.pass(SECOND);
    desk.between.down();
    desk.between.up();
    await settle();
    expect(desk.between.calls('touch').at(-1)).to.deep.equal([
      [{ account: 'acme', agent: 'ada', sid: 's-1', at: START + MINUTE }],
    ]);
  });

  it('is not lost where its tab leaves while the engine is away', async () => {
    const tab = await desk.tab();
    await desk.pass(MINUTE);
    desk.between.down({ silently: true });
    await report(tab);
    tab.close();
    await until(() => desk.counted.open === 0, 'the tab to leave');
    await desk.pass(10 * SECOND, { stepMs: SECOND, sweep: false });
    desk.between.up({ silently: true });
    await desk.pass(2 * SECOND, { stepMs: SECOND });
    expect(await desk.engine.agent('acme', 'ada')).to.include({ lastActivityAt: START + MINUTE, tabs: 0 });
  });
});
