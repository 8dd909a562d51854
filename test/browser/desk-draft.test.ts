import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { type Device, startChromium } from '../support/chromium.ts';
import { cleanupAfterAll } from '../support/cleanup.ts';
import { until } from '../support/waiting.ts';
import {
  connected,
  type Desk,
  fillIn,
  inPage,
  openDesk,
  PEOPLE,
  shown,
  signIn,
  startDesk,
  TIMEOUT_MS,
  untilSignedOut,
  untilWarned,
} from './desk.ts';

const TICKET = '/desk/tickets/1001';

describe('a draft at the desk', function () {
  this.timeout(60_000);
  const cleanup = cleanupAfterAll();
  let desk: Desk;
  let device: Device;

  before(async () => {
    desk = cleanup.using(await startDesk());
    device = cleanup.using(await startChromium());
  });

  const replyIn = (page: Page) => inPage<string>(page, `document.querySelector('#reply-text').value`);

  it('survives a sign-out by the timeout, for its writer and for nobody else at the machine', async () => {
    const page = await device.openPage();
    await signIn(page, desk, 'jonas');
    await page.goto(desk.url + TICKET);
    await connected(page);
    await page.locator('#reply-text').pressSequentially('We can fetch it on Tue');
    // Typed last, and nothing after it: it is saved by the last word before the end, if by nothing before.
    await page.keyboard.type('sday');
    await untilSignedOut(page, TIMEOUT_MS + 5_000);

    await fillIn(page, PEOPLE.priya.email, PEOPLE.priya.password);
    await page.waitForURL(/\/desk/);
    await page.goto(desk.url + TICKET);
    await connected(page);
    expect(await replyIn(page), 'the next person at this machine').to.equal('');
    await desk.signOut('priya');
    await untilSignedOut(page);

    await fillIn(page, PEOPLE.jonas.email, PEOPLE.jonas.password);
    await page.waitForURL(/\/desk/);
    await page.goto(desk.url + TICKET);
    await connected(page);
    expect(await replyIn(page)).to.equal('We can fetch it on Tuesday');
    await desk.signOut('jonas');
    await untilSignedOut(page);
  });

  it('is saved when the warning comes, and kept in the field when somebody comes back in time', async () => {
    const page = await device.openPage();
    await signIn(page, desk, 'jonas');
    await page.goto(`${desk.url}/desk/tickets/1002`);
    await connected(page);
    await page.locator('#reply-text').fill('Half a sent');
    await untilWarned(page);
    await until(
      () =>
        inPage<string>(page, `document.querySelector('#draft-state').textContent`).then(
          (text) => text === 'Draft saved',
        ),
      'the saved draft',
    );
    // The key that answers the warning is none that is typed.
    await page.keyboard.press('x');
    await until(async () => (await shown(page)).kind === 'nothing', 'the page as it was');
    await page.keyboard.type('ence');
    expect(await replyIn(page)).to.equal('Half a sentence');
    await desk.signOut('jonas');
    await untilSignedOut(page);
  });

  it('goes with its page into another tab, and away when it is sent', async () => {
    const page = await device.openPage();
    await signIn(page, desk, 'jonas');
    await page.goto(`${desk.url}/desk/tickets/1003`);
    await connected(page);
    await page.locator('#reply-text').fill('On its way');
    const second = await openDesk(device, desk, '/desk/tickets/1004');
    await second.bringToFront();
    const third = await until(async () => {
      await second.goto(`${desk.url}/desk/tickets/1003`);
      return (await replyIn(second)) === 'On its way' && second;
    }, 'the draft in another tab');
    await third.getByRole('button', { name: 'Send reply' }).click();
    await third.waitForFunction(`document.querySelector('.messages').textContent.includes('On its way')`);
    expect(await replyIn(third)).to.equal('');
    await desk.signOut('jonas');
  });
});
