import { expect } from 'chai';
import { type Device, startChromium } from '../support/chromium.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { openDashboard } from '../support/dashboard/page.ts';
import { ACCOUNT, ADMIN, openStage, type Stage } from '../support/dashboard/stage.ts';
import { until } from '../support/waiting.ts';

describe('Session Security', function () {
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
  });

  const open = async () => {
    const dashboard = cleanup.using(await openDashboard(device, stage, '#/security'));
    await dashboard.view.getByRole('textbox', { name: 'Sign out after' }).waitFor();
    return dashboard;
  };
  const policy = () => stage.engine.policy(ACCOUNT);
  const savedElsewhere = (timeoutSeconds: number, by = 'tom') =>
    stage.engine.setPolicy({
      account: ACCOUNT,
      settings: { timeoutSeconds, rememberMe: { agent: true, requester: true } },
      by,
    });

  it('stands where admins look for it, and says what is in force, who changed it and what is allowed', async () => {
    await savedElsewhere(3_600);
    const dashboard = await open();
    const { view } = dashboard;
    await dashboard.shows(view.locator('.crumbs'), 'ManageGeneral SettingsSecuritySession Security');
    expect(await view.getByRole('textbox', { name: 'Sign out after' }).inputValue()).to.equal('1');
    expect(await view.getByRole('combobox', { name: 'Unit' }).inputValue()).to.equal('3600');
    await dashboard.shows(view.locator('form'), 'Allowed: 15 minutes to 30 days');
    await dashboard.shows(view.locator('form'), 'Last changed by tom, just now');
    await dashboard.shows(view.locator('form'), /Activity counts per agent/);
    expect(await view.getByRole('button', { name: 'Save' }).isDisabled()).to.equal(true);
  });

  it('says before saving whom it would sign out, then saves, in force at once', async () => {
    for (const [agent, minutes] of [
      ['a', 200],
      ['b', 14.5],
      ['c', 3],
    ] as const) {
      await stage.engine.admit({
        account: ACCOUNT,
        agent,
        sid: agent,
        loginAt: Date.now() - minutes * 60_000,
        issuedAt: Date.now(),
        name: null,
        permissions: [],
        autoAssign: false,
      });
    }
    const { view, shows } = await open();
    await view.getByRole('button', { name: /^15 minutes/ }).click();
    await shows(
      view.locator('.effect'),
      '2 agents would be signed out within a minute of warning, 4 within the hour.',
    );
    await view.getByRole('switch', { name: /to requesters/ }).uncheck();
    await view.getByRole('button', { name: 'Save' }).click();
    await shows(view.locator('.notices'), 'Saved. It is in force for live sessions now.');
    await shows(view.locator('form'), 'Last changed by Mara Lindqvist');
    expect(await policy()).to.deep.include({
      timeoutSeconds: 900,
      rememberMe: { agent: true, requester: false },
      updatedBy: 'mara',
    });
  });

  it('refuses what is no time or outside the range, and says why', async () => {
    const { view, shows } = await open();
    const value = view.getByRole('textbox', { name: 'Sign out after' });
    const save = view.getByRole('button', { name: 'Save' });
    await value.fill('31');
    await view.getByRole('combobox', { name: 'Unit' }).selectOption('days');
    await shows(view.getByRole('alert'), 'Choose a time from 15 minutes to 30 days.');
    expect(await save.isDisabled()).to.equal(true);
    await value.fill('soon');
    await shows(view.getByRole('alert'), 'Give a whole number.');
    await value.press('Enter');
    await value.fill('30');
    await shows(view.locator('.caution'), /more than a day/);
    expect((await policy()).version).to.equal(0);
  });

  it('shows what another admin saves, where nothing is being edited', async () => {
    const { view } = await open();
    await savedElsewhere(7_200);
    const value = view.getByRole('textbox', { name: 'Sign out after' });
    await until(async () => (await value.inputValue()) === '2', 'the other value');
  });

  it('shows a conflict with what another admin saved, and overwrites it only when told to', async () => {
    const { view, shows } = await open();
    await view.getByRole('button', { name: /^1 hour/ }).click();
    await savedElsewhere(7_200);
    const conflict = view.locator('.conflict');
    await shows(conflict, 'tom has saved other values');
    await shows(conflict, /Saved now2 hours/);
    await shows(conflict, /Yours1 hour/);
    expect(await policy()).to.include({ timeoutSeconds: 7_200, updatedBy: 'tom' });
    await conflict.getByRole('button', { name: 'Keep mine and save' }).click();
    await conflict.waitFor({ state: 'detached' });
    expect(await policy()).to.include({ timeoutSeconds: 3_600, updatedBy: 'mara' });
  });

  it('takes what the other admin saved, where that is chosen', async () => {
    const { view, shows } = await open();
    await view.getByRole('button', { name: /^15 minutes/ }).click();
    await savedElsewhere(7_200);
    await shows(view.locator('.conflict'), 'tom');
    await view.getByRole('button', { name: 'Take what is saved' }).click();
    const value = view.getByRole('textbox', { name: 'Sign out after' });
    await until(async () => (await value.inputValue()) === '2', 'their value');
    expect((await policy()).updatedBy).to.equal('tom');
  });

  it('is for those with the permission alone: the page of others does not offer it, and the server refuses', async () => {
    stage.signIn({ ...ADMIN, sub: 'jonas', permissions: ['view_presence'] });
    const { view, shows } = cleanup.using(await openDashboard(device, stage, '#/security'));
    await shows(view.locator('main'), 'Manage Security');
    expect(await view.getByRole('textbox').count()).to.equal(0);
    expect(await view.getByRole('link', { name: 'Audit log' }).count()).to.equal(0);
  });
});
