import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { type Device, setLifecycle, startChromium } from '../support/chromium.ts';
import { cleanupAfterAll, cleanupAfterEach } from '../support/cleanup.ts';
import { type FakeVigil, startFakeVigil, type TabConnection } from '../support/fake-vigil.ts';
import {
  bundledSdk,
  type DeskOptions,
  type DeskWindow,
  dialogOf,
  openDesk,
  seenBy,
  stateOf,
  waitForState,
  writeDesk,
} from '../support/sdk-page.ts';
import { pause, until } from '../support/waiting.ts';

const BODY = '<p id="secret">Customer 4711 owes 300</p><textarea id="reply"></textarea>';

describe('The SDK in a page: hiding it while nothing is known', () => {
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
    const page = cleanup.using(await openDesk(device, vigil, { body: BODY, ...options }));
    const tab = await vigil.nextTab();
    await waitForState(page, 'active');
    return { page, tab };
  }
  /** The page notices a little later than the server. */
  const untilLinkIsLost = (page: Page) =>
    until(
      () =>
        page.evaluate(() =>
          (window as unknown as DeskWindow).client.setAvailability(true).then(
            () => false,
            (error: { code: string }) => error.code === 'offline',
          ),
        ),
      'a page without a link',
    );
  const isReadable = (page: Page) => page.locator('#secret').isVisible();
  /** What stands at a point of the screen, seen through shadow roots. */
  const inFront = (page: Page) => page.evaluate(() => document.elementFromPoint(20, 20)?.localName);

  it('covers the page when the deadline passes without a link, and uncovers it as it was when the server has spoken', async () => {
    vigil.endsAt = Date.now() + 5_000;
    const { page, tab } = await openTab();
    await page.evaluate(() => {
      const reply = document.querySelector<HTMLTextAreaElement>('#reply')!;
      reply.value = 'Half a sentence';
      reply.focus();
      reply.setSelectionRange(4, 4);
    });
    // Written by a script: no input, so the deadline stands.
    expect(tab.all('activity')).to.have.length(0);
    vigil.leave();
    await waitForState(page, 'offline');
    expect(await isReadable(page)).to.equal(true);
    await waitForState(page, 'covered', 7_000);
    expect(Date.now()).to.be.within(vigil.endsAt - 50, vigil.endsAt + 1_300);
    expect(await isReadable(page)).to.equal(false);
    expect(await inFront(page)).to.equal('vigil-panel');

    vigil.endsAt = Date.now() + 900_000;
    vigil.away = false;
    await waitForState(page, 'active');
    expect(await isReadable(page)).to.equal(true);
    expect(await dialogOf(page).count()).to.equal(0);
    expect(await page.inputValue('#reply')).to.equal('Half a sentence');
    const caret = await page.evaluate(() => [
      document.activeElement?.id,
      document.querySelector<HTMLTextAreaElement>('#reply')!.selectionStart,
    ]);
    expect(caret).to.deep.equal(['reply', 4]);
  });

  it('goes on while the deadline that follows from reported input has not passed', async () => {
    vigil.timeoutMs = 6_000;
    vigil.leadMs = 1_000;
    vigil.endsAt = Date.now() + 2_500;
    const { page, tab } = await openTab();
    await page.keyboard.press('x');
    await tab.next('activity');
    vigil.leave();
    await pause(3_500);
    expect(await stateOf(page)).to.equal('offline');
    await waitForState(page, 'covered', 4_000);
  });

  it('does not take input without a link for a reason to go on', async () => {
    vigil.timeoutMs = 6_000;
    vigil.leadMs = 1_000;
    vigil.endsAt = Date.now() + 2_500;
    const { page, tab } = await openTab();
    vigil.leave();
    await tab.gone();
    await untilLinkIsLost(page);
    await page.keyboard.press('x');
    await waitForState(page, 'covered', 4_000);
    expect(Date.now()).to.be.below(vigil.endsAt + 1_500);
  });

  it('covers a warned page at its end where the link is gone, and warns until then', async () => {
    const { page, tab } = await openTab();
    vigil.warn(3_000);
    await dialogOf(page).waitFor();
    vigil.leave();
    await tab.gone();
    await until(
      async () => /Reconnecting/.test((await dialogOf(page).locator('.hint').textContent()) ?? ''),
      'the hint',
    );
    expect(await stateOf(page)).to.equal('warning');
    await waitForState(page, 'covered');
    expect(Date.now()).to.be.within(vigil.endsAt - 50, vigil.endsAt + 500);
  });

  it('covers a page whose server keeps the link but says nothing at the end, and asks anew', async () => {
    const { page } = await openTab();
    vigil.warn(2_000);
    vigil.greet = () => {};
    await waitForState(page, 'covered', 6_000);
    expect(Date.now()).to.be.within(vigil.endsAt + 900, vigil.endsAt + 2_500);
    vigil.resume();
    const second = await vigil.nextTab();
    await pause(1_500);
    expect(second.closed, 'it is given time to answer').to.equal(false);
    second.session();
    await waitForState(page, 'active');
  });

  it('covers a page that wakes after its deadline, before anybody can read it, until the server has spoken', async () => {
    const { page, tab } = await openTab();
    const front = cleanup.using(await device.openPage('about:blank'));
    vigil.endsAt = Date.now() + 2_000;
    tab.session();
    await until(async () => (await seenBy(page)).length >= 3, 'the new deadline');
    await setLifecycle(page, 'frozen');
    tab.drop();
    vigil.away = true;
    await pause(3_000);
    await front.close();
    await setLifecycle(page, 'active');
    await page.bringToFront();
    expect(await stateOf(page)).to.equal('covered');
    expect(await isReadable(page)).to.equal(false);
    vigil.refuse = () => ({ code: 'session_ended', reason: 'timeout' });
    vigil.away = false;
    await waitForState(page, 'ended');
  });

  it('covers a page whose machine slept past the deadline, at the first sign of life', async () => {
    const page = cleanup.using(await device.openPage());
    await page.addInitScript('globalThis.__name ??= (f) => f');
    // The wall clock goes on while a machine sleeps; timers and the monotonic clock may stand still.
    await page.addInitScript(
      'let slept = 0; const now = Date.now; Date.now = () => now() + slept; globalThis.sleep = (ms) => { slept = ms; }',
    );
    await page.goto(writeDesk(vigil, { body: BODY }));
    const tab = await vigil.nextTab();
    await waitForState(page, 'active');
    vigil.greet = () => {};
    await page.evaluate(() => (globalThis as unknown as { sleep(ms: number): void }).sleep(3_600_000));
    await page.keyboard.press('x');
    expect(await stateOf(page)).to.equal('covered');
    // The link looked alive; the page asks through a new one.
    await tab.gone();
    const second = await vigil.nextTab();
    // Input is reported, and does not uncover the page by itself.
    await second.next('activity');
    await page.keyboard.press('y');
    await pause(1_200);
    expect(await stateOf(page)).to.equal('covered');
    second.session();
    await waitForState(page, 'active');
    expect(await isReadable(page)).to.equal(true);
  });

  it('tries to connect when the button is pressed, and lets no key through to the page', async () => {
    vigil.endsAt = Date.now() + 1_000;
    const { page } = await openTab({
      host: 'window.keys = 0; document.addEventListener("keydown", () => keys += 1, true)',
    });
    vigil.leave();
    await waitForState(page, 'covered');
    // Long enough for the wait between tries to grow.
    await pause(4_000);
    // While nobody can answer: the page tries by itself, too.
    for (const key of ['x', 'Escape', 'Enter']) await page.keyboard.press(key);
    expect(await stateOf(page)).to.equal('covered');
    expect(await page.evaluate(() => (window as unknown as { keys: number }).keys)).to.equal(0);
    vigil.endsAt = Date.now() + 900_000;
    vigil.away = false;
    await page.keyboard.press('Enter');
    await vigil.nextTab();
    await waitForState(page, 'active');
  });

  it('covers a page that comes back from the back-forward cache until the server has spoken, and keeps what was typed', async () => {
    vigil.page('/next', '<!doctype html><title>Next</title>');
    const { page, tab } = await openTab({
      headers: { 'cache-control': 'max-age=60' },
      host: 'addEventListener("pageshow", (event) => { window.cached = event.persisted; })',
    });
    await page.fill('#reply', 'Half a sentence');
    await page.goto(`${vigil.url}/next`);
    await tab.gone();
    vigil.greet = () => {};
    await page.goBack({ waitUntil: 'commit' });
    const second = await vigil.nextTab();
    expect(await page.evaluate(() => (window as unknown as { cached: boolean }).cached)).to.equal(true);
    expect(await stateOf(page)).to.equal('covered');
    expect(await isReadable(page)).to.equal(false);
    second.session();
    await waitForState(page, 'active');
    expect(await isReadable(page)).to.equal(true);
    expect(await page.inputValue('#reply')).to.equal('Half a sentence');
  });

  it('leaves a page that comes back from the back-forward cache after its session has ended', async () => {
    vigil.page('/next', '<!doctype html><title>Next</title>');
    vigil.page('/login', '<!doctype html><title>Sign in</title>');
    const { page } = await openTab({
      headers: { 'cache-control': 'max-age=60' },
      connect: { loginUrl: '/login' },
    });
    await page.goto(`${vigil.url}/next`);
    vigil.refuse = () => ({ code: 'session_ended', reason: 'timeout' });
    await page.goBack({ waitUntil: 'commit' });
    await page.waitForURL('**/login?reason=timeout**');
    expect(await page.evaluate(() => document.documentElement.textContent)).not.to.include('4711');
  });

  it('covers what the host puts above everything, too', async () => {
    vigil.endsAt = Date.now() + 1_500;
    const { page } = await openTab({
      body: `${BODY}<dialog id="modal"><p id="open">Secret</p></dialog>`,
      host: 'document.querySelector("#modal").showModal()',
    });
    vigil.leave();
    await waitForState(page, 'covered');
    expect(await page.locator('#open').isVisible()).to.equal(false);
    await page.evaluate(() => {
      const late = document.createElement('dialog');
      late.id = 'late';
      late.textContent = 'Late secret';
      document.body.append(late);
      late.showModal();
    });
    expect(await page.locator('#late').isVisible()).to.equal(false);
  });

  it('covers nothing for a page that lives in another window without the focus', async () => {
    const { page } = await openTab();
    await page.evaluate(() => dispatchEvent(new Event('blur')));
    await pause(500);
    expect(await stateOf(page)).to.equal('active');
  });
});
