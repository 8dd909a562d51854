import { expect } from 'chai';
import type { Login } from '../../server/engine/engine.ts';
import { type Device, startChromium } from '../support/chromium.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { type Dashboard, openDashboard } from '../support/dashboard/page.ts';
import { ACCOUNT, ADMIN, openStage, type Stage } from '../support/dashboard/stage.ts';
import { openTab } from '../support/tab.ts';
import { signToken } from '../support/tokens.ts';
import { until } from '../support/waiting.ts';

/** What is seen of a change within so long is seen at once. */
const SOON_MS = 1_500;

describe('live presence', function () {
  this.timeout(30_000);
  const cleanup = cleanupAfterEach();
  let device: Device;
  let stage: Stage;

  before(async () => {
    device = await startChromium();
  });
  after(() => device.close());
  beforeEach(async () => {
    stage = cleanup.using(
      await openStage({
        VIGIL_MIN_TIMEOUT: '20s',
        VIGIL_WARNING_LEAD: '5s',
        VIGIL_IDLE_AFTER: '2s',
        VIGIL_LEAVE_GRACE: '500ms',
      }),
    );
    stage.signIn();
  });

  const open = async (place?: string): Promise<Dashboard> =>
    cleanup.using(await openDashboard(device, stage, place));
  const admit = (agent: string, more: Partial<Login> = {}) =>
    stage.engine.admit({
      account: ACCOUNT,
      agent,
      sid: `login-of-${agent}`,
      loginAt: Date.now(),
      issuedAt: Date.now(),
      name: null,
      permissions: [],
      autoAssign: true,
      ...more,
    });
  const tabOf = async (agent: string, name: string) =>
    cleanup.using(
      await openTab(stage.node.url, signToken({ sub: agent, account: ACCOUNT, name, auto_assign: true })),
    );

  it('shows within a second and a half that an agent works, rests, hides the tab and leaves', async () => {
    const dashboard = await open();
    const tab = await tabOf('ada', 'Ada Abara');
    tab.activity(0);
    const state = dashboard.row('Ada Abara').locator('.state');
    await dashboard.shows(state, 'Active', SOON_MS + 1_000);
    await dashboard.shows(state, /Idle.*No input for/, 2_000 + SOON_MS);
    tab.focus(false);
    await dashboard.shows(state, /Background.*Not the active tab for/, SOON_MS);
    tab.activity(0);
    tab.close();
    await dashboard.shows(state, /Offline.*Not open anywhere since/, 500 + SOON_MS);
  });

  it('shows that an agent is warned and, when the session has ended, nothing more of them', async () => {
    await stage.engine.setPolicy({
      account: ACCOUNT,
      settings: { timeoutSeconds: 20, rememberMe: { agent: true, requester: true } },
      by: 'mara',
    });
    await admit('ben', { name: 'Ben Bauer', loginAt: Date.now() - 13_500 });
    const dashboard = await open();
    const row = dashboard.row('Ben Bauer');
    await row.waitFor();
    await dashboard.shows(row.locator('.state'), 'Warned', 4_000);
    await dashboard.shows(row.locator('.until'), /^0:0\d/);
    await dashboard.shows(dashboard.view.locator('.count.is-warned'), '1');
    await row.waitFor({ state: 'detached', timeout: 5_000 + SOON_MS + 500 });
    expect((await stage.engine.agent(ACCOUNT, 'ben'))?.signedOutAt).to.be.a('number');
  });

  it('begins without an empty chart above the list, draws it when asked to, and moves nothing by itself', async () => {
    await admit('ada', { name: 'Ada Abara' });
    const { view, row } = await open();
    await row('Ada Abara').waitFor();
    const chart = view.locator('.chart');
    await chart.getByRole('button', { name: 'Show chart' }).click();
    await chart.locator('.plot canvas').waitFor();
    await chart.getByText('Offline 1').waitFor();
    await chart.getByRole('button', { name: 'Hide chart' }).click();
    await chart.locator('.plot').waitFor({ state: 'hidden' });
  });

  it('has one scrollbar while details are open, and asks about one agent by name', async () => {
    await admit('ada', { name: 'Ada Abara' });
    const { view } = await open();
    const overflow = () => view.locator('html').evaluate((root) => getComputedStyle(root).overflowY);
    expect(await overflow()).to.equal('visible');
    await view.getByRole('button', { name: 'Ada Abara', exact: true }).click();
    await view.locator('.drawer').waitFor();
    expect(await overflow()).to.equal('hidden');
    await view.locator('.drawer').getByRole('button', { name: 'Sign out' }).click();
    const ask = view.getByRole('alertdialog', { name: 'Sign Ada Abara out?' });
    await ask.getByRole('button', { name: 'Sign out', exact: true }).waitFor();
    await ask.getByRole('button', { name: 'Cancel' }).click();
    await view.locator('.drawer').getByRole('button', { name: 'Close' }).click();
    expect(await overflow()).to.equal('visible');
  });

  it('warns the admin in front of it without a word in the console of the host', async () => {
    await stage.engine.setPolicy({
      account: ACCOUNT,
      settings: { timeoutSeconds: 20, rememberMe: { agent: true, requester: true } },
      by: 'mara',
    });
    // About to be warned.
    stage.signIn({ ...ADMIN, auth_time: Math.floor(Date.now() / 1_000) - 12 });
    const dashboard = await open();
    const words: string[] = [];
    dashboard.page.on('console', (message) => words.push(message.text()));
    const button = dashboard.view.locator('vigil-panel button');
    await button.waitFor();
    expect(await button.evaluate((element) => element.matches(':focus'))).to.equal(true);
    expect(words.filter((word) => /autofocus/i.test(word))).to.deep.equal([]);
  });

  it('filters, searches and sorts', async () => {
    for (const name of ['Ada Abara', 'Ben Bauer', 'Cleo Díaz']) await admit(name.slice(0, 3), { name });
    const dashboard = await open();
    const names = () => dashboard.view.locator('.agent .name').allTextContents();
    await until(async () => (await names()).length === 4, 'four rows');
    expect(await names()).to.deep.equal(['Ada Abara', 'Ben Bauer', 'Cleo Díaz', 'Mara Lindqvist']);
    await dashboard.view.getByRole('searchbox').fill('diaz');
    await until(async () => (await names()).join() === 'Cleo Díaz', 'the one who was searched for');
    await dashboard.view.getByRole('searchbox').fill('');
    await dashboard.view.getByRole('button', { name: /^Offline/ }).click();
    await until(async () => (await names()).length === 3, 'those who are offline');
    await dashboard.view.getByRole('button', { name: /^Warned/ }).click();
    await dashboard.view.getByRole('button', { name: 'Show everybody' }).click();
    await dashboard.view.getByRole('button', { name: 'Agent', exact: true }).click();
    await until(async () => (await names())[0] === 'Mara Lindqvist', 'the last name first');
  });

  it('is worked by keyboard alone: to an agent, into the details, out again, selecting several', async () => {
    for (const name of ['Ada Abara', 'Ben Bauer', 'Cleo Díaz']) await admit(name.slice(0, 3), { name });
    const dashboard = await open();
    const { page, view } = dashboard;
    await dashboard.row('Cleo Díaz').waitFor();
    await dashboard.row('Ada Abara').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const drawer = view.getByRole('dialog', { name: 'Details of Ben Bauer' });
    await drawer.waitFor();
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    const focused = () => dashboard.frame.evaluate('document.activeElement.dataset.agent');
    expect(await focused()).to.equal('Ben');
    await page.keyboard.press('Space');
    await page.keyboard.press('Shift+ArrowDown');
    await dashboard.shows(view.locator('.selection'), '2 agents selected');
    await page.keyboard.press('End');
    await until(async () => (await focused()) === 'mara', 'the focus on the last row');
    await page.keyboard.press('Home');
    await until(async () => (await focused()) === 'Ada', 'the focus on the first row');
  });

  it('asks before it signs agents out, then empties their tabs', async () => {
    const tab = await tabOf('ada', 'Ada Abara');
    await admit('ben', { name: 'Ben Bauer' });
    const dashboard = await open();
    const { view } = dashboard;
    await view.getByRole('checkbox', { name: 'Select Ada Abara' }).check();
    await view.getByRole('checkbox', { name: 'Select Ben Bauer' }).check();
    await view.getByRole('button', { name: 'Sign out…' }).click();
    const ask = view.getByRole('alertdialog', { name: 'Sign 2 agents out?' });
    await dashboard.shows(ask, /All their sessions end at once.*No new work is assigned/s);
    await ask.getByRole('button', { name: 'Cancel' }).click();
    await ask.waitFor({ state: 'detached' });
    expect((await stage.engine.agent(ACCOUNT, 'ada'))?.sessions).to.equal(1);

    await view.getByRole('button', { name: 'Sign out…' }).click();
    await ask.getByRole('button', { name: 'Sign 2 agents out' }).click();
    expect((await tab.next('ended')).message.reason).to.equal('admin');
    await dashboard.row('Ada Abara').waitFor({ state: 'detached', timeout: SOON_MS + 500 });
    await dashboard.shows(view.locator('.notices'), '2 agents signed out.');
    await view.locator('.selection').waitFor({ state: 'detached' });
  });

  it('makes an agent unavailable from their details, and shows who did it', async () => {
    await admit('ada', { name: 'Ada Abara' });
    const dashboard = await open();
    const { view } = dashboard;
    await view.getByRole('button', { name: 'Ada Abara', exact: true }).click();
    const drawer = view.getByRole('dialog', { name: 'Details of Ada Abara' });
    await drawer.getByRole('button', { name: 'Make unavailable' }).click();
    await dashboard.shows(drawer.locator('.facts'), 'Unavailable');
    await dashboard.shows(drawer.locator('.events'), /Became unavailable.*By Mara Lindqvist/s);
    expect((await stage.engine.agent(ACCOUNT, 'ada'))?.available).to.equal(false);
  });

  it('shows names as text, whatever they look like', async () => {
    const name = '<img src=x onerror=alert(1)>';
    await admit('x', { name });
    const dashboard = await open();
    await dashboard.shows(dashboard.view.locator('.agent .name'), name);
    expect(await dashboard.view.locator('.agent img').count()).to.equal(0);
    expect(dashboard.complaints).to.be.empty;
  });

  it('says so while the link is lost, and shows nothing stale when it is back', async () => {
    await admit('ada', { name: 'Ada Abara' });
    const dashboard = await open();
    await dashboard.row('Ada Abara').waitFor();
    stage.node.io.of('/presence').disconnectSockets(true);
    await dashboard.shows(dashboard.view.locator('.link-state'), /Reconnecting|Connecting/);
    await stage.engine.signOut({ account: ACCOUNT, agent: 'ada', by: 'mara' });
    await dashboard.shows(dashboard.view.locator('.link-state'), 'Live', 8_000);
    await dashboard.row('Ada Abara').waitFor({ state: 'detached' });
  });

  it('goes on with a fresh token when the old one has expired', async () => {
    const login = { ...ADMIN, sid: 'one-login' };
    stage.host.token = () => signToken({ ...login, exp: Math.floor(Date.now() / 1_000) + 9 });
    const dashboard = await open();
    await dashboard.shows(dashboard.view.locator('.link-state'), 'Live');
    const { asked } = stage.host;
    stage.host.token = () => signToken(login);
    await until(() => stage.host.asked > asked, 'another token being asked for', { timeoutMs: 12_000 });
    await admit('ada', { name: 'Ada Abara' });
    await dashboard.row('Ada Abara').waitFor({ timeout: 10_000 });
  });

  it('stops with the session, and leaves nobody on the screen', async () => {
    await admit('ada', { name: 'Ada Abara' });
    const dashboard = await open();
    await dashboard.row('Ada Abara').waitFor();
    await stage.engine.signOut({ account: ACCOUNT, agent: 'mara', by: 'somebody' });
    await dashboard.shows(dashboard.view.locator('main'), 'Your session is over');
    expect(await dashboard.view.locator('body').textContent()).to.not.include('Ada');
    await until(async () => (await stage.node.io.of('/presence').fetchSockets()).length === 0, 'no watcher');
  });

  it('is a tab like any other: it shows itself, and input in it counts', async () => {
    const dashboard = await open();
    const own = dashboard.row('Mara Lindqvist');
    await dashboard.shows(own.locator('.state'), /Idle/, 6_000);
    await dashboard.page.mouse.move(300, 300);
    await dashboard.page.mouse.move(320, 310);
    await dashboard.shows(own.locator('.state'), 'Active', SOON_MS + 500);
  });
});
