import { expect } from 'chai';
import { type Device, startChromium } from '../support/chromium.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { openDashboard } from '../support/dashboard/page.ts';
import { ACCOUNT, openStage, type Stage } from '../support/dashboard/stage.ts';
import { startRedis } from '../support/redis.ts';
import { openTab } from '../support/tab.ts';
import { signToken } from '../support/tokens.ts';
import { until } from '../support/waiting.ts';

/** What is seen of a change within so long is seen at once. */
const SOON_MS = 1_500;
const TIMEOUT_S = 12;
const LEAD_S = 4;

describe('the dashboard, with two nodes on Redis', function () {
  this.timeout(60_000);
  const cleanup = cleanupAfterEach();
  let device: Device;
  /** The dashboard's node, and the one that the agent's tabs are on. */
  let here: Stage;
  let there: Stage;

  before(async () => {
    device = await startChromium();
  });
  after(() => device.close());
  beforeEach(async () => {
    const redis = cleanup.using(await startRedis());
    const env = {
      REDIS_URL: redis.url,
      VIGIL_MIN_TIMEOUT: `${TIMEOUT_S}s`,
      VIGIL_WARNING_LEAD: `${LEAD_S}s`,
      VIGIL_IDLE_AFTER: '2s',
      VIGIL_LEAVE_GRACE: '500ms',
    };
    here = cleanup.using(await openStage(env));
    there = cleanup.using(await openStage(env));
    here.signIn();
    there.signIn();
  });

  const tabThere = async () =>
    cleanup.using(
      await openTab(
        there.node.url,
        signToken({ sub: 'ada', account: ACCOUNT, name: 'Ada Abara', auto_assign: true }),
      ),
    );

  it('shows what happens to an agent on the other node within a second and a half', async () => {
    const dashboard = cleanup.using(await openDashboard(device, here));
    await dashboard.shows(dashboard.view.locator('.link-state'), 'Live');
    const tab = await tabThere();
    tab.activity(0);
    const state = dashboard.row('Ada Abara').locator('.state');
    await dashboard.shows(state, 'Active', SOON_MS + 500);
    await dashboard.shows(state, 'Idle', 2_000 + SOON_MS);
    tab.focus(false);
    await dashboard.shows(state, 'Background', SOON_MS);
    tab.close();
    await dashboard.shows(state, 'Offline', 500 + SOON_MS);
  });

  it('shows that an agent on the other node is warned, and ended', async () => {
    await there.engine.setPolicy({
      account: ACCOUNT,
      settings: { timeoutSeconds: TIMEOUT_S, rememberMe: { agent: true, requester: true } },
      by: 'mara',
    });
    const dashboard = cleanup.using(await openDashboard(device, here));
    await dashboard.shows(dashboard.view.locator('.link-state'), 'Live');
    const tab = await tabThere();
    // Somebody sits before the dashboard; only Ada does nothing.
    const sitting = setInterval(() => {
      const x = 200 + Math.floor(Math.random() * 200);
      dashboard.page.mouse.move(x, 300).catch(() => {});
    }, 1_000);
    cleanup.defer(() => clearInterval(sitting));
    const row = dashboard.row('Ada Abara');
    await row.waitFor();
    await tab.next('warning', () => true, TIMEOUT_S * 1_000);
    await dashboard.shows(row.locator('.state'), 'Warned', SOON_MS);
    await tab.next('ended', () => true, (LEAD_S + 2) * 1_000);
    await row.waitFor({ state: 'detached', timeout: SOON_MS });
  });

  it('draws the states over time, and those of an agent, as another node recorded them', async () => {
    await tabThere();
    const { recordings } = there.engine;
    await recordings.want(ACCOUNT);
    const minute = Math.floor(there.engine.now() / 60_000);
    for (const [back, state] of [
      [30, 'background'],
      [29, 'background'],
      [28, 'offline'],
      [27, 'offline'],
    ] as const) {
      const counts = { active: 41, idle: 12, background: 7, offline: 3 };
      const turns = back % 2 === 0 ? [{ agent: 'ada', state }] : [];
      await recordings.write(ACCOUNT, { at: (minute - back) * 60_000, counts, turns, forgotten: [] });
    }
    const dashboard = cleanup.using(await openDashboard(device, here));
    await dashboard.shows(dashboard.view.locator('.chart footer'), 'Counted by the server once a minute');
    await dashboard.view.getByText('The same as a table').click();
    await dashboard.shows(dashboard.view.locator('.chart table'), /41.*12.*7.*3/s);
    await dashboard.view.getByRole('button', { name: 'Ada Abara', exact: true }).click();
    const ribbon = dashboard.view.locator('.drawer .ribbon');
    await ribbon.locator('.stretch.is-background').waitFor();
    const drawn = await ribbon
      .locator('.stretch')
      .evaluateAll((parts) => parts.map((part) => part.getAttribute('title') ?? ''));
    const told = drawn.map((title) => title.replace(/ from .*/, ''));
    expect(told.slice(0, 3), drawn.join('; ')).to.deep.equal(['Signed out', 'Background', 'Offline']);
  });

  it('shows on one a policy that was saved on the other', async () => {
    const mine = cleanup.using(await openDashboard(device, here, '#/security'));
    const value = mine.view.getByRole('textbox', { name: 'Sign out after' });
    await value.waitFor();
    const theirs = cleanup.using(await openDashboard(device, there, '#/security'));
    await theirs.view.getByRole('button', { name: /^1 hour/ }).click();
    await theirs.view.getByRole('button', { name: 'Save' }).click();
    await theirs.view.getByText('Saved. It is in force').waitFor();
    await until(async () => (await value.inputValue()) === '1', 'the new timeout on the other dashboard');
  });

  it('signs an agent out, whose tabs are on the other node', async () => {
    const tab = await tabThere();
    const dashboard = cleanup.using(await openDashboard(device, here));
    const { view } = dashboard;
    await view.getByRole('checkbox', { name: 'Select Ada Abara' }).check();
    await view.getByRole('button', { name: 'Sign out…' }).click();
    await view.locator('.ask').getByRole('button', { name: 'Sign out' }).click();
    const { message } = await tab.next('ended');
    expect(message.reason).to.equal('admin');
    await dashboard.row('Ada Abara').waitFor({ state: 'detached', timeout: SOON_MS });
  });
});
