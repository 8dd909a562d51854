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

/** A connection that lasted so long counts as a good one: the next is tried at once. */
const STABLE_MS = 2_100;

describe('The SDK in a page: its link to the server', () => {
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

  it('connects under a path prefix, by WebSocket alone', async () => {
    const desk = cleanup.using(await startFakeVigil({ sdkFolder, prefix: '/vigil' }));
    const url = writeDesk(desk, { connect: { url: `${desk.url}/vigil/` } });
    desk.page('/vigil.js', await (await fetch(`${desk.url}/vigil/vigil.js`)).text(), {
      'content-type': 'text/javascript',
    });
    cleanup.using(await device.openPage(url));
    expect((await desk.nextTab()).transport).to.equal('websocket');
    expect(desk.requests.some((request) => request.includes('socket.io'))).to.equal(false);
  });

  it('says in the console what to set where the server takes nothing from the page’s origin', async () => {
    vigil.refuse = () => ({ code: 'origin_denied' });
    const url = writeDesk(vigil);
    const page = cleanup.using(await device.openPage());
    const warned = page.waitForEvent('console', (message) => message.text().includes('origin_denied'));
    await page.goto(url);
    expect((await warned).text()).to.equal(
      `Vigil: offline (origin_denied): add ${new URL(url).origin} to VIGIL_ALLOWED_ORIGINS`,
    );
  });

  it('falls back to polling where WebSockets do not get through, if the host allows it', async () => {
    const host =
      'window.WebSocket = class { constructor() { setTimeout(() => this.onerror?.({})); } close() {} }';
    // The SDK takes the class when it is loaded.
    vigil.page('/before.js', host, { 'content-type': 'text/javascript' });
    const url = writeDesk(vigil, { connect: { polling: true } });
    const page = cleanup.using(await device.openPage());
    await page.addInitScript(host);
    await page.goto(url);
    const tab = await vigil.nextTab();
    expect(tab.transport).to.equal('polling');
    await page.keyboard.press('x');
    await tab.next('activity');
    tab.end('admin');
    await until(() => page.evaluate(() => document.title === 'You are signed out'), 'the end, by polling');
  });

  it('says first that the tab is visible, then repeats the last input with its age, after each connect', async () => {
    const { page, tab } = await openTab();
    await page.keyboard.press('x');
    const pressedAt = Date.now();
    await tab.next('activity');
    await pause(STABLE_MS);
    tab.drop();
    const second = await vigil.nextTab();
    const repeated = await second.next('activity');
    expect(second.reports.map(({ event }) => event)).to.deep.equal(['focus', 'activity']);
    expect(Number(repeated.payload.idleMs)).to.be.closeTo(repeated.at - pressedAt, 200);
    expect(second.reports[0]!.payload).to.include({ visible: true });
  });

  it('keeps nothing that was typed without a link but its moment', async () => {
    const { page, tab } = await openTab();
    await pause(STABLE_MS);
    vigil.leave();
    await tab.gone();
    for (const key of 'abc') await page.keyboard.press(key);
    const pressedAt = Date.now();
    await pause(1_500);
    vigil.away = false;
    const second = await vigil.nextTab(10_000);
    const report = await second.next('activity');
    await pause(500);
    expect(second.all('activity')).to.have.length(1);
    expect(Number(report.payload.idleMs)).to.be.closeTo(report.at - pressedAt, 200);
  });

  it('connects again at once after a good connection, also in a hidden tab, without waiting for a timer', async () => {
    const { tab } = await openTab();
    cleanup.using(await device.openPage('about:blank'));
    await pause(STABLE_MS);
    const lostAt = Date.now();
    tab.drop();
    const second = await vigil.nextTab();
    // The timers of a hidden tab run once a second at most.
    expect(Date.now() - lostAt).to.be.below(500);
    expect((await second.next('focus')).payload).to.include({ visible: false });
  });

  it('reports after a lost link what was typed before the tab was hidden, and since when it is', async () => {
    const { page, tab } = await openTab();
    await pause(STABLE_MS);
    vigil.leave();
    await tab.gone();
    await page.keyboard.press('x');
    const pressedAt = Date.now();
    await pause(300);
    cleanup.using(await device.openPage('about:blank'));
    const hiddenAt = Date.now();
    await pause(1_000);
    vigil.away = false;
    const second = await vigil.nextTab(60_000);
    const focus = await second.next('focus');
    const activity = await second.next('activity');
    expect(focus.payload.visible).to.equal(false);
    expect(Number(focus.payload.sinceMs)).to.be.closeTo(focus.at - hiddenAt, 300);
    expect(Number(activity.payload.idleMs)).to.be.closeTo(activity.at - pressedAt, 300);
    expect(Number(activity.payload.idleMs)).to.be.above(Number(focus.payload.sinceMs));
  });

  it('tries at once when the tab is shown, however long it would have waited', async () => {
    const { page, tab } = await openTab();
    cleanup.using(await device.openPage('about:blank'));
    vigil.leave();
    await tab.gone();
    await waitForState(page, 'offline', 10_000);
    // By now the wait between two tries is some seconds.
    await pause(6_000);
    vigil.away = false;
    const shownAt = Date.now();
    await page.bringToFront();
    await vigil.nextTab();
    expect(Date.now() - shownAt).to.be.below(500);
  });

  it('does not hammer a server that takes connections and drops them', async () => {
    let dropped = 0;
    vigil.greet = (tab) => {
      dropped += 1;
      tab.drop();
    };
    cleanup.using(await openDesk(device, vigil));
    await pause(3_000);
    expect(dropped).to.be.within(2, 6);
  });

  it('comes back when a leaving node said, not before', async () => {
    const { tab } = await openTab();
    await pause(STABLE_MS);
    const toldAt = Date.now();
    tab.send('reconnect', { afterMs: 1_500 });
    await pause(300);
    tab.drop();
    await vigil.nextTab();
    expect(Date.now() - toldAt).to.be.within(1_450, 2_200);
  });

  it('holds a link for lost where a report under warning is not answered, and repeats the report on a new one', async () => {
    const { page, tab } = await openTab();
    await pause(STABLE_MS);
    vigil.warn(30_000);
    await dialogOf(page).waitFor();
    await page.keyboard.press('x');
    const { at } = await tab.next('activity');
    const second = await vigil.nextTab();
    expect(Date.now() - at).to.be.within(2_800, 3_600);
    const repeated = await second.next('activity');
    expect(Number(repeated.payload.idleMs)).to.be.closeTo(repeated.at - at, 300);
    vigil.resume();
    await waitForState(page, 'active');
  });

  it('asks again where the server falls silent when a word was due', async () => {
    vigil.timeoutMs = 6_000;
    vigil.leadMs = 3_000;
    vigil.endsAt = Date.now() + 9_000;
    await openTab();
    // Told: the warning comes in six seconds. It does not.
    const second = await vigil.nextTab(12_000);
    expect(Date.now()).to.be.within(vigil.endsAt - vigil.leadMs + 2_500, vigil.endsAt + 1_000);
    expect(second.closed).to.equal(false);
  });

  it('drops messages that are older than what it holds, and believes a new connection', async () => {
    const { page, tab } = await openTab();
    vigil.rev = 7;
    tab.session({ rev: 7 });
    tab.send('warning', {
      rev: 6,
      deadlineAt: Date.now() + 9_000,
      endsAt: Date.now() + 9_000,
      serverTime: Date.now(),
    });
    tab.send('ended', { rev: 5, reason: 'timeout', endedAt: Date.now() });
    tab.session({ rev: 6, state: 'warning' });
    tab.session({ rev: 7, available: true });
    await until(async () => (await seenBy(page)).length >= 3, 'the last message');
    expect(await stateOf(page)).to.equal('active');
    expect((await seenBy(page)).filter(([event]) => event !== 'state' && event !== 'session')).to.deep.equal(
      [],
    );
    await pause(STABLE_MS);
    vigil.rev = 2;
    vigil.state = 'warning';
    vigil.endsAt = Date.now() + 20_000;
    tab.drop();
    await vigil.nextTab();
    await waitForState(page, 'warning');
  });

  it('sets availability and says why it could not', async () => {
    const { page, tab } = await openTab();
    const set = (available: boolean) =>
      page.evaluate(
        (value) =>
          (window as unknown as DeskWindow).client.setAvailability(value).then(
            () => 'ok',
            (error: { code: string }) => error.code,
          ),
        available,
      );
    expect(await set(true)).to.equal('ok');
    expect(tab.all('availability')[0]!.payload).to.deep.equal({ available: true });
    vigil.answer = () => ({ ok: false, code: 'not_participating' });
    expect(await set(false)).to.equal('not_participating');
    vigil.leave();
    await tab.gone();
    expect(await set(true)).to.equal('offline');
  });

  it('is back at once after a freeze', async () => {
    const { page, tab } = await openTab();
    const front = cleanup.using(await device.openPage('about:blank'));
    await pause(STABLE_MS);
    await setLifecycle(page, 'frozen');
    tab.drop();
    await pause(1_000);
    await front.close();
    await setLifecycle(page, 'active');
    await page.bringToFront();
    await vigil.nextTab();
    await waitForState(page, 'active');
  });
});
