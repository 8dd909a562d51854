import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { type Device, startChromium } from '../support/chromium.ts';
import { cleanupAfterAll, cleanupAfterEach } from '../support/cleanup.ts';
import { type FakeVigil, startFakeVigil, type TabConnection } from '../support/fake-vigil.ts';
import { bundledSdk, type DeskOptions, openDesk, type SdkWindow, writeDesk } from '../support/sdk-page.ts';
import { pause } from '../support/waiting.ts';

/** Long enough for a report to arrive that must not come. */
const QUIET_MS = 400;
/** After it the next input is reported at once. */
const PAUSE_MS = 350;

describe('The SDK in a page: what counts as activity', () => {
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
    // Reports are at most a quarter of a second apart.
    vigil.timeoutMs = 2_000;
    vigil.leadMs = 1_000;
    vigil.endsAt = Date.now() + 3_600_000;
  });

  async function openTab(options?: DeskOptions): Promise<{ page: Page; tab: TabConnection }> {
    const page = cleanup.using(await openDesk(device, vigil, options));
    const tab = await vigil.nextTab();
    await tab.next('focus');
    // A pointer that is somewhere already, and the report of its coming there.
    await page.mouse.move(300, 300);
    await tab.next('activity');
    await pause(PAUSE_MS);
    return { page, tab };
  }

  async function expectNothing(tab: TabConnection, act: () => Promise<unknown>): Promise<void> {
    const before = tab.all('activity').length;
    await act();
    await pause(QUIET_MS);
    expect(tab.all('activity').length).to.equal(before);
  }

  it('reports a key at once, with how long ago it was', async () => {
    const { page, tab } = await openTab();
    await page.keyboard.press('x');
    const { payload } = await tab.next('activity', 500);
    expect(payload.idleMs).to.be.within(0, 100);
  });

  it('reports the wheel, a press of the pointer, a tap and text that comes without a key', async () => {
    const { page, tab } = await openTab();
    const cdp = await page.context().newCDPSession(page);
    await page.focus('#reply');
    const acts: Record<string, () => Promise<unknown>> = {
      wheel: () => page.mouse.wheel(0, 40),
      press: () => page.mouse.down().then(() => page.mouse.up()),
      tap: () =>
        cdp.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: 50, y: 50 }] }),
      'dictated text': () => cdp.send('Input.insertText', { text: 'dictated' }),
    };
    for (const [name, act] of Object.entries(acts)) {
      await pause(PAUSE_MS);
      await act();
      await tab.next('activity', 500).catch((cause) => {
        throw new Error(`no report of: ${name}`, { cause });
      });
    }
  });

  it('counts a purely horizontal move, and no move at all under a layout that shifts', async () => {
    const { page, tab } = await openTab({ body: '<div id="pad"></div><button>One</button>' });
    await expectNothing(tab, () =>
      page.evaluate(async () => {
        for (let height = 0; height < 400; height += 40) {
          document.querySelector<HTMLElement>('#pad')!.setAttribute('height', '');
          document.querySelector<HTMLElement>('#pad')!.style.height = `${height}px`;
          await new Promise(requestAnimationFrame);
        }
      }),
    );
    await page.mouse.move(340, 300);
    await tab.next('activity', 500);
  });

  it('counts no event that a script makes', async () => {
    const { page, tab } = await openTab({
      body: '<label for="box">Label</label><input id="box" type="checkbox"><textarea id="reply"></textarea>',
    });
    await expectNothing(tab, () =>
      page.evaluate(() => {
        const reply = document.querySelector<HTMLTextAreaElement>('#reply')!;
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', bubbles: true }));
        for (const type of [
          'pointerdown',
          'pointermove',
          'mousemove',
          'click',
          'wheel',
          'touchstart',
          'paste',
          'drop',
        ]) {
          document.body.dispatchEvent(
            new MouseEvent(type, { bubbles: true, screenX: Math.random() * 1_000 }),
          );
        }
        document.querySelector('label')!.click();
        reply.focus();
        document.execCommand('insertText', false, 'by a script');
        reply.blur();
      }),
    );
  });

  it('counts a key held down once, whatever it types or clicks meanwhile', async () => {
    const { page, tab } = await openTab();
    await page.focus('#reply');
    await page.keyboard.down('a');
    await tab.next('activity', 500);
    await expectNothing(tab, async () => {
      for (let press = 0; press < 30; press += 1) {
        await page.keyboard.down('a');
        await pause(50);
      }
    });
    await page.keyboard.up('a');
  });

  it('reports at once after a quiet spell, and after that once per interval with the age of the last input', async () => {
    vigil.timeoutMs = 5_000;
    const { page, tab } = await openTab();
    await pause(1_100);
    const start = Date.now();
    await page.keyboard.press('a');
    const first = await tab.next('activity', 500);
    await page.keyboard.press('b');
    await pause(300);
    await page.keyboard.press('c');
    const pressedAt = Date.now();
    const second = await tab.next('activity', 2_000);
    expect(first.at - start).to.be.below(500);
    expect(second.at - first.at).to.be.within(700, 2_500);
    expect(Number(second.payload.idleMs)).to.be.closeTo(second.at - pressedAt, 150);
    await expectNothing(tab, () => pause(1_200));
  });

  it('counts nothing in a tab that is not shown, and reports what was typed before it was hidden, first', async () => {
    vigil.timeoutMs = 9_000;
    const { page, tab } = await openTab();
    await page.focus('#reply');
    await page.keyboard.press('b');
    const other = cleanup.using(await device.openPage('about:blank'));
    const flushed = await tab.next('activity', 5_000);
    const focus = await tab.next('focus', 2_000);
    expect(Number(flushed.payload.idleMs)).to.be.below(2_000);
    expect(focus.payload).to.include({ visible: false, focused: false });
    expect(tab.reports.indexOf(flushed)).to.be.below(tab.reports.indexOf(focus));
    // By now a report would go out at once.
    await pause(2_100);
    await expectNothing(tab, async () => {
      const cdp = await page.context().newCDPSession(page);
      await cdp.send('Input.dispatchKeyEvent', { type: 'keyDown', key: 'z', code: 'KeyZ', text: 'z' });
      expect(await page.inputValue('#reply')).to.equal('bz');
    });
    await other.close();
  });

  it('tells at which moment a tab is shown again, which is no activity', async () => {
    const { page, tab } = await openTab();
    const other = cleanup.using(await device.openPage('about:blank'));
    await tab.next('focus');
    await pause(PAUSE_MS);
    await expectNothing(tab, () => page.bringToFront());
    const shown = tab.all('focus').at(-1)!;
    expect(shown.payload.visible).to.equal(true);
    expect(Number(shown.payload.sinceMs)).to.be.below(800);
    await other.close();
  });

  it('watches frames of the same origin as they come, change and go', async () => {
    vigil.page('/frame', '<!doctype html><button>In the frame</button>');
    vigil.page('/frame2', '<!doctype html><iframe src="/frame"></iframe>');
    const { page, tab } = await openTab();
    const pressInside = async (depth: number) => {
      const frame = page
        .frames()
        .filter((one) => one !== page.mainFrame())
        .at(depth - 1)!;
      await frame.waitForLoadState();
      await frame.focus('button');
      await pause(PAUSE_MS);
      await page.keyboard.press('x');
      await tab.next('activity', 700);
    };
    const addFrame = (src: string) =>
      page.evaluate((source) => {
        const frame = document.createElement('iframe');
        frame.src = source;
        document.body.append(frame);
        return new Promise((resolve) => frame.addEventListener('load', resolve));
      }, src);
    await addFrame('/frame');
    await pressInside(1);
    await page.evaluate(() => {
      const frame = document.querySelector('iframe')!;
      frame.src = '/frame2';
      return new Promise((resolve) => frame.addEventListener('load', resolve));
    });
    await pressInside(2);
    await page.evaluate(() => document.querySelector('iframe')!.remove());
    await page.focus('#reply');
    await pause(PAUSE_MS);
    await page.keyboard.press('x');
    await tab.next('activity', 700);
  });

  it('lets no customer mail in a frame keep the session alive, by scripts or by messages', async () => {
    const mail = `<!doctype html><script>
      setInterval(() => {
        for (const target of [parent, top]) target.postMessage('vigil:input', '*');
        document.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', bubbles: true }));
      }, 20)</script>`;
    vigil.page('/mail', mail);
    const other = cleanup.using(await startFakeVigil({ sdkFolder }));
    other.page('/mail', mail);
    const { tab } = await openTab({
      connect: { frameOrigins: ['https://mail.example'] },
      body: `<iframe src="/mail"></iframe><iframe sandbox="allow-scripts" src="/mail"></iframe><iframe src="${other.url}/mail"></iframe>`,
    });
    await expectNothing(tab, () => pause(1_000));
  });

  it('takes input that a frame of a named origin passes on, while the tab is shown', async () => {
    const other = cleanup.using(await startFakeVigil({ sdkFolder }));
    other.page('/bridge.js', `Vigil.bridge({ to: '${vigil.url}' })`, { 'content-type': 'text/javascript' });
    other.page(
      '/inner',
      '<!doctype html><button>Inside</button><script src="/vigil.js"></script><script src="/bridge.js"></script>',
    );
    const { page, tab } = await openTab({
      connect: { frameOrigins: [`${other.url}/`] },
      body: `<iframe src="${other.url}/inner"></iframe>`,
    });
    const frame = page.frames().find((one) => one.url().startsWith(other.url))!;
    await frame.focus('button');
    await page.keyboard.press('x');
    await tab.next('activity', 700);
    await pause(PAUSE_MS);
    await expectNothing(tab, () =>
      frame.evaluate(() => document.body.dispatchEvent(new KeyboardEvent('keydown'))),
    );

    const front = cleanup.using(await device.openPage('about:blank'));
    await tab.next('focus');
    await expectNothing(tab, () => frame.evaluate((to) => parent.postMessage('vigil:input', to), vigil.url));
    await front.close();
  });

  it('takes no message from a window of a named origin that is not inside the page', async () => {
    const other = cleanup.using(await startFakeVigil({ sdkFolder }));
    const url = other.page('/opener', '<!doctype html>');
    const { page, tab } = await openTab({ connect: { frameOrigins: [other.url] } });
    const [popup] = await Promise.all([
      page.context().waitForEvent('page'),
      page.evaluate((address) => void open(address, 'beside', 'width=200,height=200'), url),
    ]);
    cleanup.using(popup);
    await popup.waitForURL(url);
    await page.bringToFront();
    await pause(PAUSE_MS);
    await expectNothing(tab, () => popup.evaluate((to) => opener.postMessage('vigil:input', to), vigil.url));
  });

  it('says by itself how to find it when the script tag carries the options', async () => {
    vigil.page('/token', 'x.y.z');
    const url = writeDesk(vigil);
    vigil.page(
      '/tag',
      '<!doctype html><title>Tag</title><script defer src="/vigil.js" data-token-url="/token" data-warning="off"></script>',
    );
    const page = cleanup.using(await device.openPage(url.replace('/desk', '/tag')));
    const tab = await vigil.nextTab();
    expect(tab.token).to.equal('x.y.z');
    expect(vigil.requests).to.include('POST /token');
    expect(await page.evaluate(() => (window as unknown as SdkWindow).Vigil.current?.state)).to.be.oneOf([
      'connecting',
      'active',
    ]);
  });
});
