import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { type Device, startChromium } from '../support/chromium.ts';
import { cleanupAfterAll, cleanupAfterEach } from '../support/cleanup.ts';
import { type FakeVigil, startFakeVigil } from '../support/fake-vigil.ts';
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

describe('The SDK in a page: the warning', () => {
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

  async function openTab(options?: DeskOptions): Promise<Page> {
    const page = cleanup.using(await openDesk(device, vigil, options));
    await vigil.nextTab();
    await waitForState(page, 'active');
    return page;
  }
  /** The server takes input of a warned agent at once, and says so to every tab. */
  const resumeOnInput = () => {
    vigil.onActivity = () => {
      if (vigil.state === 'warning') vigil.resume();
    };
  };
  const titleOf = (page: Page) => page.evaluate(() => document.title);
  const violationsOf = (page: Page) => page.evaluate(() => (window as unknown as DeskWindow).violations);

  it('shows an alert dialog in every tab, counting down with the server to the second', async () => {
    const [one, two] = [await openTab(), await openTab()];
    vigil.warn(30_400);
    for (const page of [one, two]) {
      await page.bringToFront();
      await dialogOf(page).waitFor();
      const shown = await page.evaluate(() => {
        const dialog = document.querySelector('vigil-panel')!.shadowRoot!.querySelector('dialog')!;
        return {
          role: dialog.role ?? dialog.getAttribute('role'),
          digits: dialog.querySelector('.time')!.textContent,
          at: Date.now(),
        };
      });
      expect(shown.role).to.equal('alertdialog');
      expect(shown.digits).to.equal(
        `0:${String(Math.ceil((vigil.endsAt - shown.at) / 1000)).padStart(2, '0')}`,
      );
    }
    expect(await violationsOf(one)).to.deep.equal([]);
  });

  it('counts by the server clock where the page clock is wrong', async () => {
    const page = await device.openPage();
    cleanup.using(page);
    await page.addInitScript('const now = Date.now; Date.now = () => now() + 3_600_000');
    await page.addInitScript('globalThis.__name ??= (f) => f');
    await page.goto(writeDesk(vigil));
    await vigil.nextTab();
    await waitForState(page, 'active');
    vigil.warn(25_000);
    await dialogOf(page).waitFor();
    expect(await dialogOf(page).locator('.time').textContent()).to.match(/^0:2[345]$/);
  });

  it('is dismissed in every tab by one key in one of them, which does not reach the page', async () => {
    resumeOnInput();
    const other = await openTab({ path: '/other' });
    const page = await openTab({
      host: `window.keys = []; for (const type of ['keydown', 'keypress', 'keyup', 'input']) {
        document.addEventListener(type, () => keys.push(type), true);
      }`,
    });
    await page.focus('#reply');
    vigil.warn(30_000);
    await dialogOf(page).waitFor();
    await page.keyboard.down('x');
    await waitForState(page, 'active');
    // Still held after the dialog has gone: it repeats into a page that has the focus again.
    await page.keyboard.down('x');
    await page.keyboard.down('x');
    await page.keyboard.up('x');
    await waitForState(other, 'active');
    expect(await dialogOf(page).count()).to.equal(0);
    expect(await dialogOf(other).count()).to.equal(0);
    expect(await page.evaluate(() => (window as unknown as { keys: string[] }).keys)).to.deep.equal([]);
    expect(await page.inputValue('#reply')).to.equal('');
    expect(await page.evaluate(() => document.activeElement?.id), 'the focus is given back').to.equal(
      'reply',
    );
    await page.keyboard.press('y');
    expect(await page.inputValue('#reply')).to.equal('y');
    expect((await seenBy(page)).map(([event]) => event)).to.include.members(['warning', 'resumed']);
  });

  for (const key of ['Escape', 'Enter', 'Tab', 'Shift']) {
    it(`takes ${key} as a sign of life, and lets the server close the dialog`, async () => {
      const page = await openTab();
      vigil.warn(30_000);
      await dialogOf(page).waitFor();
      const tab = vigil.open()[0]!;
      await page.keyboard.press(key);
      await tab.next('activity');
      expect(await dialogOf(page).count()).to.equal(1);
      expect(await dialogOf(page).locator('button').textContent()).to.equal('One moment…');
      vigil.resume();
      await waitForState(page, 'active');
      expect(await dialogOf(page).count()).to.equal(0);
    });
  }

  it('is dismissed by a move of the mouse, and by a click whose release does not act on the page beneath', async () => {
    resumeOnInput();
    const page = await openTab({
      body: '<button id="danger" style="">Delete</button>',
      host: `window.deleted = 0; addEventListener('click', () => deleted += 1);
        document.querySelector('#danger').style.cssText = 'position:fixed;inset:0;width:100%;height:100%'`,
    });
    await page.mouse.move(640, 430);
    vigil.warn(30_000);
    await dialogOf(page).waitFor();
    await page.mouse.move(650, 430);
    await waitForState(page, 'active');
    await pause(1_100);

    vigil.warn(30_000);
    await dialogOf(page).waitFor();
    await page.mouse.down();
    await waitForState(page, 'active');
    await page.mouse.up();
    expect(await page.evaluate(() => (window as unknown as { deleted: number }).deleted)).to.equal(0);
    await page.mouse.click(10, 10);
    expect(await page.evaluate(() => (window as unknown as { deleted: number }).deleted)).to.equal(1);
  });

  it('is not dismissed by a click that a script makes', async () => {
    resumeOnInput();
    const page = await openTab();
    vigil.warn(30_000);
    await dialogOf(page).waitFor();
    await page.evaluate(() =>
      document.querySelector('vigil-panel')!.shadowRoot!.querySelector('button')!.click(),
    );
    await pause(500);
    expect(await stateOf(page)).to.equal('warning');
  });

  it('announces what is left when it comes, and at 60, 30 and 10 seconds', async () => {
    const page = await openTab({
      host: `window.said = []; const add = Element.prototype.attachShadow;
        new MutationObserver(() => {
          const live = document.querySelector('vigil-panel')?.shadowRoot.querySelector('[aria-live]');
          if (!live || live.watched) return; live.watched = true; said.push(live.textContent);
          new MutationObserver(() => said.push(live.textContent)).observe(live, { childList: true, characterData: true, subtree: true });
        }).observe(document, { childList: true, subtree: true })`,
    });
    const said = () => page.evaluate(() => (window as unknown as { said: string[] }).said.filter(Boolean));
    for (const left of [61_500, 31_500, 11_500]) {
      vigil.warn(left);
      await pause(2_700);
    }
    expect(await said()).to.deep.equal([
      'You will be signed out in 62 seconds.',
      'You will be signed out in 60 seconds.',
      'You will be signed out in 30 seconds.',
      'You will be signed out in 10 seconds.',
    ]);
  });

  it('counts in the title of the tab, and gives back the title that the host has by then', async () => {
    const page = await openTab();
    vigil.warn(30_000);
    await until(async () => /^0:(30|29) · Still there\?$/.test(await titleOf(page)), 'a title that counts');
    await page.evaluate(() => {
      document.title = 'Ticket 17 (2 new)';
    });
    await until(async () => /^0:2\d · Still there\?$/.test(await titleOf(page)), 'a title that counts on');
    vigil.resume();
    await waitForState(page, 'active');
    expect(await titleOf(page)).to.equal('Ticket 17 (2 new)');
  });
});
