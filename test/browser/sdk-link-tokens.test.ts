import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { type Device, startChromium } from '../support/chromium.ts';
import { cleanupAfterAll, cleanupAfterEach } from '../support/cleanup.ts';
import { type FakeVigil, looseToken, startFakeVigil, type TabConnection } from '../support/fake-vigil.ts';
import {
  bundledSdk,
  type DeskOptions,
  type DeskWindow,
  dialogOf,
  openDesk,
  seenBy,
  waitForState,
} from '../support/sdk-page.ts';
import { pause } from '../support/waiting.ts';

/** A connection that lasted so long counts as a good one: the next is tried at once. */
const STABLE_MS = 2_100;

describe('The SDK in a page: the tokens of its link', () => {
  const forAll = cleanupAfterAll();
  const cleanup = cleanupAfterEach();
  let device: Device;
  let sdkFolder: string;
  let vigil: FakeVigil;

  before(async () => {
    device = forAll.using(await startChromium());
    sdkFolder = await bundledSdk();
  });
  beforeEach(async () => {
    vigil = cleanup.using(await startFakeVigil({ sdkFolder }));
  });

  async function openTab(options?: DeskOptions): Promise<{ page: Page; tab: TabConnection }> {
    const page = cleanup.using(await openDesk(device, vigil, options));
    const tab = await vigil.nextTab();
    await waitForState(page, 'active');
    return { page, tab };
  }
  const setToken = (page: Page, token: string | null) =>
    page.evaluate((value) => {
      (window as unknown as DeskWindow).token = value;
    }, token);
  const tokenCalls = (page: Page) => page.evaluate(() => (window as unknown as DeskWindow).tokenCalls);

  it('fetches a fresh token when the one in use has expired', async () => {
    const { page, tab } = await openTab();
    await pause(STABLE_MS);
    const fresh = looseToken({ iat: 1 });
    await setToken(page, fresh);
    tab.send('expired', {});
    expect((await vigil.nextTab()).token).to.equal(fresh);
    expect(await tokenCalls(page)).to.equal(2);
    expect((await seenBy(page)).some(([event]) => event === 'offline')).to.equal(false);
  });

  it('asks once more for a token where the server finds it expired, and then ever more slowly', async () => {
    vigil.refuse = () => ({ code: 'token_expired' });
    const page = cleanup.using(await openDesk(device, vigil));
    await waitForState(page, 'offline');
    expect(await tokenCalls(page)).to.equal(2);
    await pause(700);
    expect(await tokenCalls(page)).to.equal(2);
    expect(await seenBy(page)).to.deep.include(['offline', { code: 'token_expired' }]);
  });

  it('uses the token that it has while it is good', async () => {
    const { page, tab } = await openTab();
    await pause(STABLE_MS);
    tab.drop();
    await vigil.nextTab();
    expect(await tokenCalls(page)).to.equal(1);
  });

  it('takes no token of another login: it hides the page, and reveals nothing of it to the server', async () => {
    const { page, tab } = await openTab({ body: '<p id="secret">Ann’s ticket</p>' });
    await pause(STABLE_MS);
    await setToken(page, looseToken({ sub: 'bob', sid: 'login-2' }));
    tab.send('expired', {});
    await waitForState(page, 'covered');
    await pause(1_000);
    expect(vigil.connections).to.have.length(1);
    expect(await seenBy(page)).to.deep.include(['offline', { code: 'login_changed' }]);
    expect(await dialogOf(page).locator('button').textContent()).to.equal('Reload');
    expect(await page.locator('#secret').isVisible()).to.equal(false);
  });

  it('is offline while the host has no token, and asks again', async () => {
    const page = cleanup.using(
      await openDesk(device, vigil, {
        host: 'let calls = 0; options.getToken = async () => { tokenCalls += 1; if (tokenCalls < 2) throw new Error("the host is restarting"); return token; }',
      }),
    );
    await waitForState(page, 'offline');
    expect(await seenBy(page)).to.deep.include(['offline', { code: 'token_unavailable' }]);
    await waitForState(page, 'active', 10_000);
  });

  it('leaves the page where the host says that nobody is signed in', async () => {
    const { page, tab } = await openTab({ connect: { loginUrl: '/login' } });
    vigil.page('/login', '<!doctype html><title>Sign in</title>');
    await pause(STABLE_MS);
    await setToken(page, null);
    tab.send('expired', {});
    await page.waitForURL('**/login?reason=logout');
  });
});
