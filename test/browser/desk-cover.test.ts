import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { type Device, setLifecycle, startChromium } from '../support/chromium.ts';
import { cleanupAfterAll } from '../support/cleanup.ts';
import { pause, until } from '../support/waiting.ts';
import {
  type Desk,
  deskOf,
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
  untilUncovered,
  untilWarned,
} from './desk.ts';

const REPLY = 'Dear Ms Holm, your wheel is';
/** From now on the page notes down what states the SDK goes through. */
const NOTE_STATES = `import('/desk/assets/session.js').then(({ vigil }) => {
  globalThis.states = [];
  vigil.on('state', (state) => states.push(state));
})`;
/** A page looks at its clock at least so often while it is visible. */
const BEAT_MS = 2_500;

describe('a page that does not know', function () {
  this.timeout(60_000);
  const cleanup = cleanupAfterAll();
  let desk: Desk;
  let device: Device;
  let home: Device;

  before(async () => {
    desk = cleanup.using(await startDesk());
    [device, home] = await Promise.all([startChromium(), startChromium()]);
    for (const one of [device, home]) cleanup.using(one);
  });

  afterEach(async () => {
    await desk.signOut('jonas');
    await Promise.all([device.reset(), home.reset()]);
  });

  /** Jonas in front of a ticket. */
  async function atTicket(one: Device): Promise<Page> {
    const page = await one.openPage();
    await signIn(page, desk, 'jonas');
    const ticket = await inPage<string>(
      page,
      `document.querySelector('.tickets a')?.pathname ?? '/desk/tickets?view=open'`,
    );
    await page.close();
    const opened = await openDesk(one, desk, ticket);
    if (ticket.includes('view=')) {
      await opened.locator('.tickets a').first().click();
      await opened.waitForURL(/tickets\/\d+/);
    }
    return opened;
  }

  const typed = (page: Page) => inPage<string>(page, `document.querySelector('#reply-text').value`);
  const untilCovered = (page: Page, timeoutMs: number) =>
    untilShown(page, ({ kind, pageVisible }) => kind === 'cover' && !pageVisible, 'the cover', timeoutMs);

  it('covers itself past its deadline while the server is away, and is as it was when the server is back', async () => {
    const page = await atTicket(device);
    await page.locator('#reply-text').fill(REPLY);
    await page.keyboard.type(' ready');
    await pause(300);
    await desk.node.kill('SIGKILL');
    const killed = Date.now();
    // The link is gone, and the person goes on.
    await pause(2_000);
    await page.keyboard.type(' on Friday');
    expect(await shown(page), 'before the deadline it goes on').to.include({
      kind: 'nothing',
      pageVisible: true,
    });

    await untilCovered(page, TIMEOUT_MS + BEAT_MS);
    expect(Date.now() - killed).to.be.at.least(TIMEOUT_MS - LEAD_MS);
    await inPage(page, NOTE_STATES);
    desk = deskOf(cleanup.using(await desk.node.restart()));
    // The button of the cover has the focus.
    await page.keyboard.press('Enter');
    await untilUncovered(page);
    const states = await inPage<string[]>(page, 'globalThis.states');
    expect(states, 'nothing is shown before the server has spoken').to.not.include('offline');
    expect(await typed(page)).to.equal(`${REPLY} ready on Friday`);
    await page.keyboard.type('.');
    expect(await typed(page), 'and the cursor is where it was').to.equal(`${REPLY} ready on Friday.`);
  });

  it('covers itself while a server hangs, and asks who is there before anything ends', async () => {
    const page = await atTicket(device);
    await page.locator('#reply-text').fill(REPLY);
    await moveMouse(page);
    // Until that has been reported: what the server has not read yet would count once it goes on.
    await pause(2_000);
    desk.node.signal('SIGSTOP');
    try {
      await untilCovered(page, TIMEOUT_MS + BEAT_MS);
    } finally {
      desk.node.signal('SIGCONT');
    }
    await untilWarned(page, 3_000);
    await moveMouse(page);
    await untilUncovered(page);
    expect(await typed(page)).to.equal(REPLY);
  });

  it('shows nothing when it wakes after its session has ended', async () => {
    const page = await atTicket(device);
    const inFront = await device.openPage('data:text/html,another');
    await setLifecycle(page, 'frozen');
    await until(async () => (await desk.ends('jonas'))[0]?.data.reason === 'timeout', 'the end', {
      timeoutMs: TIMEOUT_MS + 3_000,
    });
    await setLifecycle(page, 'active');
    await page.bringToFront();
    const { notice } = await untilShown(
      page,
      (now) => {
        const isTicket = now.path.startsWith('/desk');
        expect(isTicket && now.kind === 'nothing' && now.pageVisible, 'the ticket, shown').to.equal(false);
        return now.path.startsWith('/login') && now.notice !== '';
      },
      'the login page',
    );
    expect(notice).to.equal(TIMED_OUT);
    await inFront.close();
  });

  it('is covered when it wakes past what it knew, until the server says that the session lives', async () => {
    const page = await atTicket(device);
    await page.locator('#reply-text').fill(REPLY);
    const atHome = await home.openPage();
    await signIn(atHome, desk, 'jonas');
    await device.openPage('data:text/html,another');
    await setLifecycle(page, 'frozen');
    // At home the work goes on, beyond the deadline that the sleeping page knows of.
    const asleepUntil = Date.now() + TIMEOUT_MS + 1_000;
    while (Date.now() < asleepUntil) {
      await moveMouse(atHome);
      await pause(500);
    }
    desk.node.signal('SIGSTOP');
    try {
      await setLifecycle(page, 'active');
      await page.bringToFront();
      await untilCovered(page, 1_000);
    } finally {
      desk.node.signal('SIGCONT');
    }
    await untilUncovered(page, 6_000);
    expect(await typed(page)).to.equal(REPLY);
    expect((await shown(page)).path).to.match(/^\/desk\/tickets\/\d+/);
  });
});
