import { expect } from 'chai';
import { type Device, startChromium } from '../support/chromium.ts';
import { cleanupAfterAll } from '../support/cleanup.ts';
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
  TIMED_OUT,
  TIMEOUT_MS,
  untilShown,
  untilSignedOut,
} from './desk.ts';

describe('signing in and out at the desk', function () {
  this.timeout(60_000);
  const cleanup = cleanupAfterAll();
  let desk: Desk;
  let device: Device;
  let other: Device;

  before(async () => {
    desk = cleanup.using(await startDesk());
    [device, other] = await Promise.all([startChromium(), startChromium()]);
    for (const one of [device, other]) cleanup.using(one);
  });

  afterEach(async () => {
    await Promise.all([device.reset(), other.reset()]);
  });

  const cookieOf = async (one: Device) =>
    (await one.context.cookies()).find(({ name }) => name.startsWith('desk_'));

  it('signs all tabs out by a click in one, and leaves the second device at work', async () => {
    const first = await device.openPage();
    await signIn(first, desk, 'priya');
    const second = await openDesk(device, desk);
    const elsewhere = await other.openPage();
    await signIn(elsewhere, desk, 'priya');

    await second.locator('.menu summary').click();
    await second.getByRole('button', { name: 'Sign out' }).click();
    for (const page of [first, second]) {
      await untilShown(page, ({ path }) => path.startsWith('/login'), 'the login page');
      expect((await shown(page)).notice).to.match(/signed out/i);
    }
    expect((await shown(elsewhere)).path).to.match(/^\/desk/);
    expect((await desk.ends('priya'))[0]!.data).to.include({ reason: 'logout' });
    await desk.signOut('priya');
  });

  it('signs all tabs of all devices out by a manager, and says who it was', async () => {
    const first = await device.openPage();
    await signIn(first, desk, 'priya');
    const elsewhere = await other.openPage();
    await signIn(elsewhere, desk, 'priya');
    await desk.signOut('priya');
    for (const page of [first, elsewhere]) {
      expect((await untilSignedOut(page)).notice).to.equal('You were signed out by an administrator.');
    }
  });

  it('offers “Remember me” where the policy shows it, to agents and to customers each', async () => {
    const page = await device.openPage();
    for (const [agent, requester] of [
      [true, true],
      [true, false],
      [false, true],
      [false, false],
    ] as const) {
      await desk.setPolicy({ agent, requester });
      await page.goto(`${desk.url}/login`);
      expect(await page.getByLabel('Remember me').count(), 'agents').to.equal(agent ? 1 : 0);
      await page.goto(`${desk.url}/help/login`);
      expect(await page.getByLabel('Remember me').count(), 'customers').to.equal(requester ? 1 : 0);
    }
    await desk.setPolicy({});
  });

  it('keeps a remembered login in a cookie that outlives the browser, and any other in one that does not', async () => {
    const page = await device.openPage();
    await signIn(page, desk, 'jonas');
    expect((await cookieOf(device))!.expires, 'a cookie of the session').to.equal(-1);
    expect((await cookieOf(device))!.httpOnly).to.equal(true);
    await desk.signOut('jonas');
    await untilSignedOut(page);
    await signIn(page, desk, 'jonas', true);
    const remembered = await cookieOf(device);
    expect(remembered!.expires).to.be.greaterThan(Date.now() / 1000 + 7 * 86_400);

    // A browser that was closed and opened again, with what it keeps.
    const again = await startChromium();
    cleanup.using(again);
    await again.context.addCookies([remembered!]);
    const reopened = await again.openPage(`${desk.url}/desk`);
    expect((await shown(reopened)).path).to.match(/^\/desk/);
    await again.close();
    await desk.signOut('jonas');
  });

  it('meets a remembered agent who timed out with the login form, and with the reason', async () => {
    const page = await device.openPage();
    await signIn(page, desk, 'jonas', true);
    const remembered = await cookieOf(device);
    const { notice } = await untilSignedOut(page, TIMEOUT_MS + 5_000);
    expect(notice).to.equal(TIMED_OUT);
    expect(await cookieOf(device), 'the remembering has ended, too').to.equal(undefined);
    await page.goto(`${desk.url}/desk`);
    expect((await shown(page)).path).to.match(/^\/login/);

    // Nor does a copy of the cookie help.
    await device.context.addCookies([remembered!]);
    await page.goto(`${desk.url}/desk`);
    expect((await shown(page)).path).to.match(/^\/login/);
  });

  it('leads back to where somebody was signed out', async () => {
    const page = await device.openPage();
    await signIn(page, desk, 'jonas');
    await page.goto(`${desk.url}/desk/tickets?view=unassigned`);
    await connected(page);
    await desk.signOut('jonas');
    await untilSignedOut(page);
    await fillIn(page, PEOPLE.jonas.email, PEOPLE.jonas.password);
    await page.waitForURL(/view=unassigned/);
    await connected(page);
    await desk.signOut('jonas');
  });

  it('tells one who cannot sign in what is wrong, and keeps what was typed but the password', async () => {
    const page = await device.openPage(`${desk.url}/login`);
    await fillIn(page, PEOPLE.jonas.email, 'wrong');
    await page.waitForSelector('#login-error');
    expect(await page.getByLabel('Email').inputValue()).to.equal(PEOPLE.jonas.email);
    expect(await page.getByLabel('Password').inputValue()).to.equal('');
    expect(await cookieOf(device)).to.equal(undefined);
  });

  it('has a door for customers, who are no agents', async () => {
    const page = await device.openPage();
    await signIn(page, desk, 'tomas');
    await page.goto(`${desk.url}/desk`);
    expect((await shown(page)).path, 'no way into the agents’ desk').to.match(/^\/login/);
    const { body } = await desk.api.get('/v1/agents');
    expect(body.agents.map(({ id }: { id: string }) => id)).to.not.include('tomas');
  });

  it('makes an agent unavailable by the timeout, gives them no ticket, and says so at the next login', async () => {
    await desk.api.put('/v1/agents/priya/availability', { available: true });
    const page = await device.openPage();
    await signIn(page, desk, 'priya');
    expect(await page.locator('#availability').getAttribute('aria-checked')).to.equal('true');
    await untilSignedOut(page, TIMEOUT_MS + 5_000);
    await signIn(page, desk, 'priya');
    expect((await shown(page)).notice).to.match(/You became unavailable at .*when your session timed out/);
    expect(await page.locator('#availability').getAttribute('aria-checked')).to.equal('false');

    const simulate = async () => {
      await page.getByRole('button', { name: 'Simulate an arriving ticket' }).click();
      await page.waitForURL(/arrived=/);
      await connected(page);
      return inPage<string>(
        page,
        `[...document.querySelectorAll('main .notice')].map((line) => line.textContent).join(' ')`,
      );
    };
    expect(await simulate(), 'no agent is available').to.include('waits under Unassigned');
    await page.getByRole('button', { name: 'Make me available' }).click();
    await page.waitForSelector('#availability[aria-checked=true]');
    expect(await simulate()).to.include('Priya Raman, whose turn it was');
    await desk.signOut('priya');
  });
});
