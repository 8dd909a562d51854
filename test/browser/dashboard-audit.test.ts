import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Device, startChromium } from '../support/chromium.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { openDashboard } from '../support/dashboard/page.ts';
import { ACCOUNT, openStage, type Stage } from '../support/dashboard/stage.ts';
import { temporaryFolder } from '../support/places.ts';
import { until } from '../support/waiting.ts';

describe('the audit page', function () {
  this.timeout(30_000);
  const cleanup = cleanupAfterEach();
  let device: Device;
  let stage: Stage;

  before(async () => {
    device = await startChromium();
  });
  after(() => device.close());
  beforeEach(async () => {
    stage = cleanup.using(await openStage());
    stage.signIn();
    for (const agent of ['ada', 'ben']) await admit(agent);
  });

  const admit = (agent: string) =>
    stage.engine.admit({
      account: ACCOUNT,
      agent,
      sid: `login-of-${agent}`,
      loginAt: Date.now(),
      issuedAt: Date.now(),
      name: `=cmd|' /C calc'!${agent}`,
      permissions: [],
      autoAssign: true,
    });
  const open = async (place = '#/audit') => cleanup.using(await openDashboard(device, stage, place));

  it('shows what happened, newest first, with the cause of each sign-out', async () => {
    await stage.engine.signOut({ account: ACCOUNT, agent: 'ada', by: 'mara' });
    await stage.engine.endSession({ account: ACCOUNT, sid: 'login-of-ben' });
    const { view, shows } = await open();
    const rows = view.locator('.log tbody tr');
    await shows(rows, /Signed out.*ada.*Signed out by Mara Lindqvist/s);
    await shows(rows, /Signed out.*ben.*Signed out themselves/s);
    await shows(rows, /Became unavailable.*ada.*By Mara Lindqvist/s);
    const moments = await rows
      .locator('time')
      .evaluateAll((times) => times.map((time) => time.getAttribute('datetime')));
    expect(moments).to.deep.equal([...moments].sort().reverse());
    expect(await rows.locator('time').first().getAttribute('title')).to.match(/\d{4}/);
  });

  it('filters by type, agent and time', async () => {
    await stage.engine.signOut({ account: ACCOUNT, agent: 'ada', by: 'mara' });
    const { view } = await open();
    const rows = view.locator('.log tbody tr');
    const count = async (wanted: number) =>
      until(async () => (await rows.count()) === wanted, `${wanted} rows`);
    await view.getByRole('combobox', { name: 'Event' }).selectOption('Signed out');
    await count(1);
    await view.getByRole('combobox', { name: 'Event' }).selectOption('All events');
    await view.getByRole('combobox', { name: 'Agent' }).fill('ben');
    await count(1);
    await view.getByRole('button', { name: 'Clear filters' }).click();
    await until(async () => (await rows.count()) > 3, 'all rows');
    await view.getByLabel('From').fill('2099-01-01T00:00');
    await view.getByRole('heading', { name: 'No events' }).waitFor();
  });

  it('says that something came since, and shows it when asked to', async () => {
    const { view, shows } = await open();
    const rows = view.locator('.log tbody tr');
    await shows(rows, 'Signed in');
    await stage.engine.signOut({ account: ACCOUNT, agent: 'ada', by: 'mara' });
    await view.getByRole('button', { name: 'Show what came since' }).click({ timeout: 15_000 });
    await shows(rows, 'Signed out by Mara Lindqvist');
  });

  it('is taken out as CSV that a spreadsheet does not run, and as JSON; both say so in the log', async () => {
    const { view } = await open();
    await view.locator('.log').waitFor();
    const folder = temporaryFolder('downloads');
    const browser = await device.browser.newBrowserCDPSession();
    await browser.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder });
    const save = async (name: string) => {
      await view.getByRole('button', { name }).click();
      const isWhole = async () =>
        (await readdir(folder)).find((file) => /^vigil-audit.*(csv|json)$/.test(file));
      const file = join(folder, await until(isWhole, `a file of “${name}”`));
      const text = await readFile(file, 'utf8');
      await rm(file);
      return text;
    };
    const csv = await save('Export CSV');
    expect(csv.split('\r\n')[0]).to.match(/"id","time","type","agent"/);
    expect(csv).to.include('session.started');
    await view.getByRole('button', { name: 'Export JSON' }).isEnabled();
    const events = JSON.parse(await save('Export JSON'));
    expect(events.map(({ type }: { type: string }) => type)).to.include('session.started');
    const noted = await stage.engine.events(ACCOUNT, { limit: 10, types: ['audit.exported'] });
    expect(noted.map(({ data }) => ('format' in data ? data.format : null))).to.have.members(['csv', 'json']);
  });

  it('opens at one agent from their details', async () => {
    const { view, shows } = await open('#/presence?agent=ada');
    const drawer = view.getByRole('dialog');
    await drawer.getByRole('link', { name: 'All events of this agent' }).click();
    await view.getByRole('heading', { name: 'Audit log' }).waitFor();
    expect(await view.getByRole('combobox', { name: 'Agent' }).inputValue()).to.equal('ada');
    await shows(view.locator('.log'), 'ada');
    expect(await view.locator('.log').textContent()).to.not.include('ben');
  });
});
