import { expect } from 'chai';
import { type Device, startChromium } from '../support/chromium.ts';
import { cleanupAfterAll } from '../support/cleanup.ts';
import { pause, until } from '../support/waiting.ts';
import {
  type AuditEvent,
  type Desk,
  inPage,
  LEAD_MS,
  moveMouse,
  openDesk,
  shown,
  signIn,
  startDesk,
  TIMED_OUT,
  TIMEOUT_MS,
  untilShown,
  untilSignedOut,
  type Who,
} from './desk.ts';

/** From the end in the engine to the login page in a browser that shares two cores with all of this. */
const LEAVING_MS = 2_500;
const END_LATE_MS = 250;

describe('inactivity at the desk', function () {
  this.timeout(60_000);
  const cleanup = cleanupAfterAll();
  let desk: Desk;
  let first: Device;
  let second: Device;

  before(async () => {
    desk = cleanup.using(await startDesk());
    [first, second] = await Promise.all([startChromium(), startChromium()]);
    for (const device of [first, second]) cleanup.using(device);
  });

  /** The next end of an agent's sessions, or the first since a moment. */
  async function endOf(agent: Who, since = Date.now()): Promise<AuditEvent> {
    const next = async () => (await desk.ends(agent)).find(({ at }) => at >= since);
    return until(next, `the end of ${agent}`, { timeoutMs: TIMEOUT_MS + 3_000 });
  }

  it('signs out on time who is not there, in each of its three kinds', async () => {
    const since = Date.now();
    // Not open: signed in, then the only tab is closed. On a slow machine she is gone before the others are there.
    const closing = await second.openPage();
    await signIn(closing, desk, 'priya');
    await closing.close();
    await second.context.clearCookies();
    const notOpenDue = await desk.deadlineOf('priya');

    // Not the active tab: another page is in front, and there somebody types.
    const behind = await second.openPage();
    await signIn(behind, desk, 'jonas');
    const elsewhere = await second.openPage('data:text/html,<textarea autofocus></textarea>');
    expect(await inPage(behind, 'document.visibilityState')).to.equal('hidden');
    const notActiveDue = await desk.deadlineOf('jonas');

    // The active tab, and nobody there: at least nothing but a page that moves by itself.
    const unattended = await first.openPage();
    await signIn(unattended, desk, 'mara');
    await moveMouse(unattended);
    await inPage(unattended, 'void setInterval(() => scrollBy(0, 1), 200)');

    const typing = (async () => {
      while ((await desk.ends('jonas'))[0] === undefined) {
        await elsewhere.keyboard.type('x');
        await pause(200);
      }
    })();
    const [notOpen, notActive, noInput] = await Promise.all([
      endOf('priya', since),
      endOf('jonas', since),
      endOf('mara', since),
    ]);
    await typing;

    expect(notOpen.data).to.include({ reason: 'timeout', inactivity: 'not_open' });
    expect(notOpen.at - notOpenDue).to.be.within(0, END_LATE_MS);
    expect(notActive.data).to.include({ reason: 'timeout', inactivity: 'not_active_tab' });
    expect(notActive.at - notActiveDue).to.be.within(0, END_LATE_MS);
    expect(noInput.data).to.include({ reason: 'timeout', inactivity: 'no_input' });
    const { lastActivityAt } = noInput.data as { lastActivityAt: number };
    expect(noInput.at - lastActivityAt - TIMEOUT_MS).to.be.within(0, END_LATE_MS);

    for (const page of [behind, unattended]) {
      const { notice } = await untilSignedOut(page, LEAVING_MS);
      expect(notice, page === behind ? 'behind' : 'in front').to.equal(TIMED_OUT);
    }
    await elsewhere.close();
    const back = await second.openPage(`${desk.url}/desk`);
    expect((await shown(back)).path, 'nobody is remembered').to.match(/^\/login/);
  });

  it('keeps three tabs by input in one of them', async () => {
    const one = await first.openPage();
    await signIn(one, desk, 'mara');
    const tabs = [one, await openDesk(first, desk), await openDesk(first, desk)];
    const inFront = tabs[2]!;
    const until = Date.now() + 2 * TIMEOUT_MS;
    while (Date.now() < until) {
      await moveMouse(inFront);
      for (const tab of tabs) {
        const now = await shown(tab);
        expect(now).to.include({ kind: 'nothing', pageVisible: true });
        expect(now.path).to.match(/^\/desk/);
      }
      await pause(400);
    }
    const deadline = await desk.deadlineOf('mara');
    expect(deadline - Date.now()).to.be.within(LEAD_MS, TIMEOUT_MS);
    await Promise.all(tabs.map((tab) => tab.close()));
  });

  it('counts no looking: showing, focusing and reloading tabs is no activity', async () => {
    const one = await first.openPage();
    await signIn(one, desk, 'mara');
    const two = await openDesk(first, desk);
    const due = await desk.deadlineOf('mara');
    while (Date.now() < due - LEAD_MS - 1_000) {
      await one.bringToFront();
      await pause(200);
      await two.bringToFront();
      await two.reload();
    }
    expect(await desk.deadlineOf('mara')).to.equal(due);
    await untilShown(two, ({ kind }) => kind === 'warning', 'the warning', LEAD_MS);
    const { at } = await endOf('mara');
    expect(at - due).to.be.within(0, END_LATE_MS);
    for (const tab of [one, two]) await untilSignedOut(tab, LEAVING_MS);
  });
});
