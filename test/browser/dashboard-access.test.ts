import { expect } from 'chai';
import { type Device, startChromium } from '../support/chromium.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { playMorning } from '../support/dashboard/crowd.ts';
import { type Dashboard, expectAccessible, openDashboard } from '../support/dashboard/page.ts';
import { ADMIN, openStage, type Stage } from '../support/dashboard/stage.ts';

const HOURS = 3_600_000;

describe('the dashboard, for everybody', function () {
  this.timeout(60_000);
  const cleanup = cleanupAfterEach();
  let device: Device;
  let stage: Stage;

  before(async () => {
    device = await startChromium();
    stage = await openStage({}, 10 * HOURS);
    await playMorning(stage, 60);
  });
  after(async () => {
    await device.close();
    await stage.close();
  });
  beforeEach(() => stage.signIn());

  const open = async (place: string, query?: string): Promise<Dashboard> =>
    cleanup.using(await openDashboard(device, stage, place, query));

  for (const theme of ['light', 'dark']) {
    for (const [width, height] of [
      [1280, 900],
      [360, 740],
    ] as const) {
      it(`leaves axe-core nothing to find, ${theme}, ${width} pixels wide`, async () => {
        const dashboard = await open('#/presence', `theme=${theme}`);
        const { page, view } = dashboard;
        await page.setViewportSize({ width, height });
        await view.locator('.agent').first().waitFor();
        await expectAccessible(dashboard, 'live presence');
        await view.locator('.agent .name').first().click();
        await view.locator('.drawer .events').waitFor();
        await view
          .locator('.drawer')
          .evaluate((drawer) => Promise.all(drawer.getAnimations().map((one) => one.finished)));
        await expectAccessible(dashboard, 'the details of an agent');
        await view.locator('.drawer .danger').click();
        await expectAccessible(dashboard, 'the question before a sign-out');
        await page.keyboard.press('Escape');
        await page.keyboard.press('Escape');
        await view.getByRole('searchbox').fill('nobody at all');
        await view.getByRole('heading', { name: 'No agent matches' }).waitFor();
        await expectAccessible(dashboard, 'an empty list');
        await view.getByRole('link', { name: 'Session Security' }).click();
        await view.getByRole('button', { name: /^30 days/ }).click();
        await expectAccessible(dashboard, 'Session Security');
        await view.getByRole('link', { name: 'Audit log' }).click();
        await view.locator('.log').waitFor();
        await expectAccessible(dashboard, 'the audit log');
        expect(dashboard.complaints, 'complaints of the browser').to.deep.equal([]);
      });
    }
  }

  it('is nowhere wider than the window, from 360 pixels on', async () => {
    const dashboard = await open('#/presence');
    const { page, view, frame } = dashboard;
    for (const width of [360, 500, 768, 901, 1100, 1920]) {
      await page.setViewportSize({ width, height: 800 });
      for (const place of ['presence', 'security', 'audit']) {
        await frame.evaluate(`location.hash = '#/${place}'`);
        await view.locator(`main.page-${place} h1`).waitFor();
        const [scroll, client] = (await frame.evaluate(
          '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
        )) as [number, number];
        expect(scroll, `${place} at ${width}`).to.be.at.most(client);
      }
    }
  });

  it('says to somebody without a permission that the page is for others', async () => {
    stage.signIn({ ...ADMIN, sub: 'priya', permissions: [] });
    const dashboard = await open('#/presence');
    await dashboard.shows(dashboard.view.locator('main'), 'This page is for others');
    await expectAccessible(dashboard, 'the refusal');
  });

  it('shows those who may only look nothing to do', async () => {
    stage.signIn({ ...ADMIN, sub: 'jonas', permissions: ['view_presence'] });
    const { view } = await open('#/presence');
    await view.locator('.agent .name').first().click();
    await view.locator('.drawer .ribbon').waitFor();
    expect(await view.getByRole('checkbox').count()).to.equal(0);
    expect(await view.getByRole('button', { name: /Sign out|Make/ }).count()).to.equal(0);
    await view.getByText('The events of an agent take the permission').waitFor();
  });

  it('shows nothing to whoever opens it by its address', async () => {
    const page = await device.openPage(`${stage.node.url}/dashboard/`);
    cleanup.using(page);
    await page.getByRole('heading', { name: 'Open this page from your service desk' }).waitFor();
  });

  it('waits for a host that says nothing, and for one that nobody is signed in to says that it is over', async () => {
    stage.host.token = () => null;
    const { view } = await open('#/presence');
    await view.getByRole('heading', { name: 'Your session is over' }).waitFor();
  });
});
