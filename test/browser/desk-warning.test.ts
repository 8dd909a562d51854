import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { type Device, startChromium } from '../support/chromium.ts';
import { cleanupAfterAll } from '../support/cleanup.ts';
import { pause } from '../support/waiting.ts';
import {
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
  untilUncovered,
  untilWarned,
} from './desk.ts';

/** From one tab's input to the others' screens, hidden ones among them, in browsers that share two cores. */
const DISMISSED_MS = 1_500;

describe('the warning at the desk', function () {
  this.timeout(60_000);
  const cleanup = cleanupAfterAll();
  let desk: Desk;
  let office: Device;
  let home: Device;
  let tabs: Page[];

  before(async () => {
    desk = cleanup.using(await startDesk());
    [office, home] = await Promise.all([startChromium(), startChromium()]);
    for (const device of [office, home]) cleanup.using(device);
  });

  /** Jonas, at work on three tabs and signed in at home as well. */
  beforeEach(async () => {
    const first = await office.openPage();
    const atHome = await home.openPage();
    await Promise.all([signIn(first, desk, 'jonas'), signIn(atHome, desk, 'jonas')]);
    tabs = [first, await openDesk(office, desk), await openDesk(office, desk), atHome];
    await moveMouse(tabs[2]!);
  });

  afterEach(async () => {
    await desk.signOut('jonas');
    await Promise.all(tabs.map((tab) => tab.close()));
  });

  it('comes up in all tabs at the same moment, with one countdown, and goes from all of them at once', async () => {
    await Promise.all(tabs.map((tab) => untilWarned(tab)));
    await pause(200);
    const deadline = await desk.deadlineOf('jonas');
    const seen = await Promise.all(
      tabs.map(async (tab) => {
        const { time } = await shown(tab);
        return { time, left: Math.ceil((deadline - Date.now()) / 1000) };
      }),
    );
    for (const { time, left } of seen) {
      // A hidden tab's timers run once a second: it may be one behind.
      const counted = Number(time.split(':')[1]);
      expect(counted, 'seconds').to.be.within(left, left + 1);
    }

    await tabs[2]!.keyboard.press('j');
    await Promise.all(tabs.map((tab) => untilUncovered(tab, DISMISSED_MS)));
    expect((await shown(tabs[0]!)).title, 'the title is the page’s own again').to.match(/^Tickets/);
    expect((await desk.deadlineOf('jonas')) - Date.now()).to.be.within(TIMEOUT_MS - 2_000, TIMEOUT_MS);
  });

  it('is answered by any input, on any device, and what dismisses it does nothing else', async () => {
    const atHome = tabs[3]!;
    await untilWarned(atHome);
    const before = atHome.url();
    // Over a link of the page beneath.
    const link = await atHome.locator('nav[aria-label=Tickets] a').nth(2).boundingBox();
    await atHome.mouse.click(link!.x + 5, link!.y + 5);
    await Promise.all(tabs.map((tab) => untilUncovered(tab, DISMISSED_MS)));
    expect(atHome.url()).to.equal(before);

    await untilWarned(tabs[2]!);
    await tabs[2]!.getByRole('button', { name: 'Stay signed in' }).click();
    await Promise.all(tabs.map((tab) => untilUncovered(tab, DISMISSED_MS)));
    for (const tab of tabs) expect((await shown(tab)).path).to.match(/^\/desk/);
  });

  it('names itself in the titles of tabs that nobody looks at, and stays up under key presses elsewhere', async () => {
    const elsewhere = await office.openPage('data:text/html,<input autofocus>');
    await untilWarned(tabs[0]!);
    await elsewhere.keyboard.type('typing in another application');
    const hidden = await shown(tabs[0]!);
    expect(hidden.kind).to.equal('warning');
    expect(hidden.title).to.match(/^0:0\d · /);
    expect(await inPage(tabs[0]!, 'document.querySelectorAll("link[rel=icon]").length')).to.equal(1);
    expect(await inPage(tabs[0]!, 'document.querySelector("link[rel=icon]").href')).to.match(/^data:image/);
    await elsewhere.close();
    await moveMouse(tabs[3]!);
    await Promise.all(tabs.map((tab) => untilUncovered(tab, DISMISSED_MS)));
    expect(await inPage(tabs[0]!, 'document.querySelector("link[rel=icon]").href')).to.match(/icon\.svg$/);
  });

  it('ends in a sign-out of all tabs and devices, with the reason on the login page', async () => {
    // A way back that somebody could try afterwards.
    await tabs[2]!.locator('.tickets a').first().click();
    await tabs[2]!.waitForURL(/\/desk\/tickets\/\d+/);
    await Promise.all(tabs.map((tab) => untilWarned(tab)));
    const pages = await Promise.all(tabs.map((tab) => untilSignedOut(tab, LEAD_MS + 3_000)));
    for (const { notice, kind } of pages) {
      expect(notice).to.equal(TIMED_OUT);
      expect(kind).to.equal('nothing');
    }
    const [end] = await desk.ends('jonas');
    expect(end!.data).to.deep.include({ reason: 'timeout' });
    expect(end!.data.sessions).to.have.length(2);
    await tabs[2]!.goBack();
    const back = await untilShown(tabs[2]!, ({ path }) => path.startsWith('/login'), 'the login page again');
    expect(back.kind).to.equal('nothing');
    expect(await inPage(tabs[2]!, 'document.querySelector(".tickets")')).to.equal(null);
  });
});
