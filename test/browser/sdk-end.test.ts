import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { type Device, startChromium } from '../support/chromium.ts';
import { cleanupAfterAll, cleanupAfterEach } from '../support/cleanup.ts';
import { type FakeVigil, startFakeVigil, type TabConnection } from '../support/fake-vigil.ts';
import {
  bundledSdk,
  type DeskOptions,
  type DeskWindow,
  dialogOf,
  openDesk,
  seenBy,
  waitForState,
} from '../support/sdk-page.ts';
import { pause, until } from '../support/waiting.ts';

/** Vigil on an origin of its own: the test's page lets everything through. */
const NO_POLICY = { 'content-security-policy': "object-src 'none'" };
const BODY = '<p id="secret">Customer 4711 owes 300</p><textarea id="reply"></textarea>';

describe('The SDK in a page: the end', () => {
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
    vigil.page('/login', '<!doctype html><title>Sign in</title>');
  });

  async function openTab(options?: DeskOptions): Promise<{ page: Page; tab: TabConnection }> {
    const page = cleanup.using(await openDesk(device, vigil, { body: BODY, ...options }));
    const tab = await vigil.nextTab();
    await waitForState(page, 'active');
    return { page, tab };
  }
  /** Lines that the host's script wrote down, kept by the server's side of the test. */
  const notes = (page: Page) => page.evaluate(() => (window as unknown as { notes: unknown[] }).notes);
  const NOTES = 'window.notes = [];';
  const textOf = (page: Page) => page.evaluate(() => document.documentElement.textContent ?? '');

  it('goes to the login page with the reason and the way back', async () => {
    const { page, tab } = await openTab({ connect: { loginUrl: '/login?area=agents' } });
    await page.evaluate(() => history.replaceState(null, '', '/desk?view=mine#reply'));
    tab.end('timeout');
    await page.waitForURL('**/login?*');
    const query = new URL(page.url()).searchParams;
    expect(Object.fromEntries(query)).to.deep.equal({
      area: 'agents',
      reason: 'timeout',
      return: '/desk?view=mine#reply',
    });
  });

  it('leaves no way back to the page', async () => {
    const { page, tab } = await openTab({ connect: { loginUrl: '/login' } });
    tab.end('admin');
    await page.waitForURL('**/login?reason=admin**');
    await page.goBack().catch(() => {});
    expect(page.url()).not.to.match(/\/desk/);
    expect(await textOf(page)).not.to.include('4711');
  });

  it('gives no way back after a sign-out on purpose', async () => {
    const { page, tab } = await openTab({ connect: { loginUrl: '/login' } });
    tab.end('logout');
    await page.waitForURL(/\/login\?reason=logout$/);
  });

  it('names a way back that cannot be another site, whatever the path looks like', async () => {
    const { page, tab } = await openTab({ connect: { loginUrl: '/login' } });
    await page.evaluate(() => history.replaceState(null, '', `${location.origin}//evil.example/desk`));
    tab.end('timeout');
    await page.waitForURL('**/login?*');
    expect(new URL(page.url()).searchParams.get('return')).to.equal('/evil.example/desk');
  });

  it('leaves nothing on the page where there is no login page to go to, and says why', async () => {
    const { page, tab } = await openTab();
    tab.end('timeout');
    await waitForState(page, 'ended');
    await until(async () => (await page.locator('#secret').count()) === 0, 'an empty page');
    expect(await page.title()).to.equal('You are signed out');
    expect(await dialogOf(page).locator('.text').textContent()).to.equal(
      'You have not been active for a while.',
    );
    expect(await textOf(page)).not.to.include('4711');
  });

  it('ends on reasons that it does not know', async () => {
    const { page, tab } = await openTab({ connect: { loginUrl: '/login' } });
    tab.end('moon_phase');
    await page.waitForURL('**/login?reason=moon_phase&**');
  });

  it('ends where the server refuses a session that is over', async () => {
    vigil.refuse = () => ({ code: 'session_ended', reason: 'admin' });
    const page = cleanup.using(await openDesk(device, vigil, { connect: { loginUrl: '/login' } }));
    await page.waitForURL('**/login?reason=admin&**');
  });

  it('hides the page at once and tells the host, who may use it once more before it is emptied', async () => {
    const { page, tab } = await openTab({
      host: `${NOTES} options.onEnded = async (ended) => {
        await new Promise((resolve) => setTimeout(resolve, 500));
        notes.push(ended.reason, document.querySelector('#reply').value);
      }`,
    });
    await page.fill('#reply', 'Half a sentence');
    tab.end('timeout');
    await waitForState(page, 'ended');
    expect(await page.locator('#secret').isVisible()).to.equal(false);
    expect(await page.locator('#secret').count()).to.equal(1);
    await until(async () => (await page.locator('#secret').count()) === 0, 'an empty page');
    expect(await notes(page)).to.deep.equal(['timeout', 'Half a sentence']);
    const [, ended] = (await seenBy(page)).find(([event]) => event === 'ended')!;
    expect(ended).to.include({ reason: 'timeout', loginUrl: null });
  });

  it('leaves the page to a host that takes it over', async () => {
    const { page, tab } = await openTab({
      connect: { loginUrl: '/login' },
      host: 'options.onEnded = () => { document.body.textContent = "Sign in here"; return true; }',
    });
    tab.end('timeout');
    await waitForState(page, 'ended');
    await until(async () => (await dialogOf(page).count()) === 0, 'the page of the host');
    expect(await page.locator('body').isVisible()).to.equal(true);
    expect(page.url()).to.match(/\/desk$/);
  });

  it('waits for a host that hangs or fails only so long', async () => {
    const { page, tab } = await openTab({
      connect: { loginUrl: '/login' },
      host: 'options.onEnded = () => new Promise(() => {})',
    });
    tab.end('timeout');
    await page.waitForURL('**/login?reason=timeout**', { timeout: 4_000 });
    const { page: other, tab: second } = await openTab({
      connect: { loginUrl: '/login' },
      path: '/other',
      host: 'options.onEnded = () => { throw new Error("broken"); }',
    });
    second.end('timeout');
    await other.waitForURL('**/login?reason=timeout**', { timeout: 2_000 });
  });

  it('lets no question of the page keep somebody on it', async () => {
    const { page, tab } = await openTab({
      connect: { loginUrl: '/login' },
      host: 'setTimeout(() => addEventListener("beforeunload", (event) => event.preventDefault()))',
    });
    page.on('dialog', (dialog) => void dialog.dismiss());
    await page.click('#reply');
    await page.keyboard.press('x');
    tab.end('timeout');
    await page.waitForURL('**/login?reason=timeout**');
  });

  it('asks the host to save when the warning comes, and again shortly before the end if something was typed since', async () => {
    const { page, tab } = await openTab({
      host: `${NOTES} options.onBeforeEnd = ({ reason, endsAt }) => { notes.push([reason, client.serverNow() < endsAt, document.querySelector('#reply').value]); };`,
    });
    vigil.leadMs = 8_000;
    tab.session();
    await page.fill('#reply', 'one');
    vigil.warn(8_000);
    await waitForState(page, 'warning');
    await until(async () => ((await notes(page)) ?? []).length === 1, 'the first call');
    await page.evaluate(() => {
      const reply = document.querySelector<HTMLTextAreaElement>('#reply')!;
      reply.value = 'two';
      reply.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await until(async () => (await notes(page)).length === 2, 'the second call', { timeoutMs: 8_000 });
    expect(Date.now()).to.be.within(vigil.endsAt - 2_100, vigil.endsAt);
    expect(await notes(page)).to.deep.equal([
      ['timeout', true, 'one'],
      ['timeout', true, 'two'],
    ]);
  });

  it('waits for what is being saved before it leaves', async () => {
    const { page, tab } = await openTab({
      connect: { loginUrl: '/login' },
      host: `options.onBeforeEnd = () => new Promise((resolve) => setTimeout(resolve, 1_500)).then(() => fetch('/saved'));`,
    });
    vigil.warn(60_000);
    await waitForState(page, 'warning');
    tab.end('timeout');
    await page.waitForURL('**/login?reason=timeout**');
    expect(vigil.requests).to.include('GET /saved');
  });

  it('signs out by the socket, after the host has saved', async () => {
    const { page, tab } = await openTab({
      connect: { loginUrl: '/login' },
      host: `options.onBeforeEnd = ({ reason }) => fetch('/saved?' + reason);`,
    });
    await page.evaluate(() => void (window as unknown as DeskWindow).client.logout());
    await tab.next('logout');
    await page.waitForURL(/\/login\?reason=logout$/);
    expect(vigil.requests).to.include('GET /saved');
  });

  it('signs out by HTTP where there is no socket, and says so where that fails, too', async () => {
    const { page, tab } = await openTab({ connect: { loginUrl: '/login' } });
    vigil.leave();
    await tab.gone();
    await page.evaluate(() => void (window as unknown as DeskWindow).client.logout());
    await page.waitForURL(/\/login\?reason=logout$/);
    expect(vigil.requests).to.include('DELETE /v1/session');

    const elsewhere = cleanup.using(await startFakeVigil({ sdkFolder, prefix: '/vigil' }));
    const prefixed = cleanup.using(
      await openDesk(device, vigil, {
        path: '/prefixed',
        connect: { url: `${elsewhere.url}/vigil/?a=b` },
        headers: NO_POLICY,
      }),
    );
    await elsewhere.nextTab();
    elsewhere.leave();
    await waitForState(prefixed, 'offline');
    await prefixed.evaluate(() => (window as unknown as DeskWindow).client.logout());
    expect(elsewhere.requests).to.include('DELETE /vigil/v1/session');

    vigil.away = false;
    const second = await openTab({
      path: '/second',
      host: 'window.fetch = () => Promise.reject(new TypeError("offline"))',
    });
    vigil.leave();
    await second.tab.gone();
    const code = await second.page.evaluate(() =>
      (window as unknown as DeskWindow).client.logout().then(
        () => 'ok',
        (error: { code: string }) => error.code,
      ),
    );
    expect(code).to.equal('offline');
    expect(await second.page.locator('#secret').isVisible()).to.equal(true);
  });

  it('goes to the login page where nobody is signed in, does not run in circles there, and leaves public pages alone', async () => {
    const host = 'options.getToken = () => null';
    await openDesk(device, vigil, {
      path: '/login',
      connect: { loginUrl: '/login' },
      host,
      body: 'Sign in',
    }).then(cleanup.using);
    const page = cleanup.using(
      await openDesk(device, vigil, { connect: { loginUrl: '/login' }, host, body: BODY }),
    );
    await page.waitForURL(/\/login\?reason=logout$/);
    await pause(500);
    expect(vigil.requests.filter((request) => request === 'GET /login')).to.have.length(2);
    expect(await textOf(page)).to.include('Sign in');
    const open = cleanup.using(
      await openDesk(device, vigil, { path: '/help', host, body: 'Everybody may read this' }),
    );
    await pause(500);
    expect(await textOf(open)).to.include('Everybody may read this');
    expect(await open.locator('main').isVisible()).to.equal(true);
  });

  it('stops everything when the host disconnects', async () => {
    const { page, tab } = await openTab();
    vigil.warn(30_000);
    await dialogOf(page).waitFor();
    await page.evaluate(() => (window as unknown as DeskWindow).client.disconnect());
    await tab.gone();
    expect(await dialogOf(page).count()).to.equal(0);
    expect(await page.title()).to.equal('Ticket 17');
    await page.keyboard.press('x');
    await pause(1_000);
    expect(vigil.connections).to.have.length(1);
  });
});
