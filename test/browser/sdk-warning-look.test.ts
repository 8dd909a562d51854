import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
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
  STRICT_CSP,
  seenBy,
  waitForState,
} from '../support/sdk-page.ts';
import { pause, until } from '../support/waiting.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

describe('The SDK in a page: how the warning looks and sounds', () => {
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
  const violationsOf = (page: Page) => page.evaluate(() => (window as unknown as DeskWindow).violations);

  it('wears a badge in a hidden tab, notifies and sounds once where the host wants it', async () => {
    const options: DeskOptions = {
      headers: { 'content-security-policy': `${STRICT_CSP}; media-src 'self'` },
      connect: { notify: true, sound: '/chime.mp3' },
      host: `window.calls = [];
        window.Notification = class { static permission = 'granted'; constructor(title, options) { calls.push(['notification', title, options.tag]); } close() { calls.push(['closed']); } };
        HTMLMediaElement.prototype.play = async function () { calls.push(['sound', new URL(this.src).pathname]); }`,
    };
    const pages = [await openTab(options), await openTab(options)];
    const front = cleanup.using(await device.openPage('about:blank'));
    vigil.warn(30_000);
    const calls = async () => {
      const each = pages.map((page) =>
        page.evaluate(() => (window as unknown as { calls: string[][] }).calls),
      );
      return (await Promise.all(each)).flat();
    };
    await until(async () => (await calls()).length >= 3, 'two notifications and a sound');
    await pause(300);
    expect(await calls()).to.have.deep.members([
      ['notification', 'Are you still there?', 'vigil'],
      ['notification', 'Are you still there?', 'vigil'],
      ['sound', '/chime.mp3'],
    ]);
    const icons = () =>
      pages[0]!.evaluate(() =>
        [...document.querySelectorAll<HTMLLinkElement>('link[rel~=icon]')].map((link) =>
          link.href.slice(0, 14),
        ),
      );
    expect(await icons()).to.deep.equal(['data:image/png']);
    await front.close();
    await pages[0]!.bringToFront();
    await until(async () => (await icons())[0] === 'data:,', 'the icon of the host');
    expect(await violationsOf(pages[0]!)).to.deep.equal([]);
  });

  it('neither notifies nor sounds unless the host wants it', async () => {
    const page = await openTab({
      host: `window.calls = 0; window.Notification = class { static permission = 'granted'; constructor() { calls += 1; } };
        HTMLMediaElement.prototype.play = async () => { calls += 1; }; window.AudioContext = class { constructor() { calls += 1; } }`,
    });
    cleanup.using(await device.openPage('about:blank'));
    vigil.warn(30_000);
    await waitForState(page, 'warning');
    await pause(300);
    expect(await page.evaluate(() => (window as unknown as { calls: number }).calls)).to.equal(0);
  });

  it('reads from right to left in Arabic, and in the words of the host where it has its own', async () => {
    const page = await openTab({ lang: 'ar-EG', connect: { texts: { stay: 'نعم' } } });
    vigil.warn(30_000);
    const dialog = dialogOf(page);
    await dialog.waitFor();
    expect(await dialog.evaluate((element) => getComputedStyle(element).direction)).to.equal('rtl');
    expect(await dialog.getAttribute('lang')).to.equal('ar');
    expect(await dialog.locator('.title').textContent()).to.equal('هل ما زلت هنا؟');
    expect(await dialog.locator('button').textContent()).to.equal('نعم');
  });

  it('takes the colours of the host', async () => {
    const page = await openTab({
      headers: { 'content-security-policy': "script-src 'self'; style-src 'unsafe-inline'" },
      body: '<style>vigil-panel { --vigil-accent: rgb(1, 120, 2) } vigil-panel::part(title) { color: rgb(3, 4, 5) }</style>',
    });
    vigil.warn(30_000);
    const dialog = dialogOf(page);
    await dialog.waitFor();
    expect(
      await dialog.locator('button').evaluate((element) => getComputedStyle(element).backgroundColor),
    ).to.equal('rgb(1, 120, 2)');
    expect(await dialog.locator('.title').evaluate((element) => getComputedStyle(element).color)).to.equal(
      'rgb(3, 4, 5)',
    );
  });

  it('does not move where people asked for less motion', async () => {
    const page = await openTab();
    await page.emulateMedia({ reducedMotion: 'reduce' });
    vigil.warn(30_000);
    const dialog = dialogOf(page);
    await dialog.waitFor();
    const motion = await dialog.evaluate((element) => ({
      dialog: getComputedStyle(element).animationDuration,
      ring: getComputedStyle(element.querySelector('.bar')!).transitionDuration,
    }));
    expect(motion).to.deep.equal({ dialog: '0.001s', ring: '0s' });
  });

  it('can be left to the host, who is told what it needs to draw one', async () => {
    const page = await openTab({ connect: { warning: false } });
    vigil.warn(30_000);
    await waitForState(page, 'warning');
    expect(await page.locator('vigil-panel').count()).to.equal(0);
    const [, warning] = (await seenBy(page)).find(([event]) => event === 'warning')!;
    expect((warning as { endsAt: number }).endsAt).to.equal(vigil.endsAt);
    expect((warning as { remainingMs: number }).remainingMs).to.be.closeTo(30_000, 500);
  });

  it('comes back where a script of the page removes it', async () => {
    const page = await openTab();
    vigil.warn(30_000);
    await dialogOf(page).waitFor();
    await page.evaluate(() => document.querySelector('vigil-panel')!.remove());
    await dialogOf(page).waitFor({ timeout: 2_500 });
    expect(
      await page.evaluate(() =>
        document.querySelector('vigil-panel')!.shadowRoot!.querySelector('dialog')!.matches(':modal'),
      ),
    ).to.equal(true);
  });

  for (const theme of ['light', 'dark'] as const) {
    it(`gives axe-core nothing to find, ${theme}`, async () => {
      const page = await openTab({ connect: { theme }, body: '<p>A customer writes.</p>' });
      // Not by a script tag: the page's policy would not have it.
      await page.evaluate(await readFile(AXE, 'utf8'));
      const findings = async () =>
        page.evaluate(async () => {
          const { violations } = await (
            window as unknown as { axe: { run(): Promise<{ violations: { id: string; help: string }[] }> } }
          ).axe.run();
          return violations.map(({ id, help }) => `${id}: ${help}`);
        });
      vigil.warn(30_000);
      await dialogOf(page).waitFor();
      await pause(400);
      expect(await findings(), 'the warning').to.deep.equal([]);
      vigil.endsAt = Date.now();
      vigil
        .open()[0]!
        .send('warning', { rev: 9, deadlineAt: Date.now(), endsAt: Date.now(), serverTime: Date.now() });
      vigil.leave();
      await waitForState(page, 'covered');
      await pause(1_000);
      expect(await findings(), 'the cover').to.deep.equal([]);
    });
  }
});
