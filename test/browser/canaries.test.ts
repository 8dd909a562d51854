import { expect } from 'chai';
import type { Frame, Page } from 'playwright-core';
import { type Device, startChromium } from '../support/chromium.ts';
import { cleanupAfterAll } from '../support/cleanup.ts';
import { type Dashboard, openDashboard } from '../support/dashboard/page.ts';
import { ACCOUNT, ADMIN, openStage, type Stage } from '../support/dashboard/stage.ts';
import { connected, type Desk, signIn, startDesk } from './desk.ts';

/** Each runs something in the page, if it is ever anything but text. */
const canary = (name: string) => `<img src=x onerror="window.hit='${name}'">${name}`;
const MORE = [
  `"><svg onload="window.hit='svg'">`,
  `'-(window.hit='quote')-'`,
  `javascript:window.hit='url'`,
  '{{constructor.constructor("window.hit=1")()}}',
  '</script><script>window.hit="script"</script>',
];

const AGENT = canary('id').slice(0, 128);
const NAME = canary('name');
const MANAGER = canary('boss').slice(0, 128);

/** Nothing of what was shown has run, or become an element. */
async function expectText(frame: Frame | Page, complaints: string[]): Promise<void> {
  const found = await frame.evaluate(`({
    hit: window.hit,
    elements: document.querySelectorAll('img[src=x], svg[onload], [onerror], [href^="javascript:"]').length,
  })`);
  expect(found).to.deep.equal({ hit: undefined, elements: 0 });
  expect(complaints).to.deep.equal([]);
}

describe('what looks like markup on the dashboard', function () {
  this.timeout(60_000);
  const cleanup = cleanupAfterAll();
  let device: Device;
  let stage: Stage;

  before(async () => {
    device = cleanup.using(await startChromium());
    stage = cleanup.using(await openStage());
    stage.signIn({ ...ADMIN, sub: MANAGER, name: canary('manager') });
    const login = { loginAt: Date.now(), issuedAt: Date.now(), permissions: [], autoAssign: true };
    for (const [agent, name] of [[AGENT, NAME], ...MORE.map((text) => [text, text])] as [string, string][])
      await stage.engine.admit({
        account: ACCOUNT,
        agent,
        sid: `sid ${Buffer.from(agent).toString('hex').slice(-100)}`,
        name,
        ...login,
      });
    const { engine } = stage;
    await engine.setAvailability({
      account: ACCOUNT,
      agent: AGENT,
      available: false,
      by: { cause: 'admin', id: MANAGER },
    });
    await engine.setPolicy({
      account: ACCOUNT,
      settings: { timeoutSeconds: 3_600, rememberMe: { agent: false, requester: true } },
      by: canary('changer'),
    });
    await engine.record(ACCOUNT, {
      type: 'access.refused',
      data: { by: MORE[0]!, needs: canary('needs'), call: canary('call') },
    });
    await engine.record(ACCOUNT, { type: 'audit.exported', data: { by: MANAGER, format: 'csv' } });
  });

  async function open(place: string, shown: string): Promise<Dashboard> {
    const dashboard = cleanup.using(await openDashboard(device, stage, place));
    await dashboard.shows(dashboard.view.locator('body'), shown);
    return dashboard;
  }

  it('is text among the agents, in their details and in what is searched for', async () => {
    const { view, frame, complaints, shows, row } = await open('#/presence', NAME);
    for (const text of MORE) await shows(view.locator('.agent .name'), text);
    await row(NAME).getByRole('button', { name: NAME, exact: true }).click();
    await shows(view.locator('body'), AGENT);
    await view.getByRole('searchbox').or(view.locator('input[type=search]')).first().fill(canary('search'));
    await expectText(frame, complaints);
  });

  it('is text where somebody is asked before signing out, and in what is said afterwards', async () => {
    const { view, frame, complaints, shows, row } = await open('#/presence', NAME);
    await row(NAME).getByRole('button', { name: NAME, exact: true }).click();
    await view
      .getByRole('button', { name: /^Sign out/ })
      .first()
      .click();
    await shows(view.locator('dialog.ask[open]'), /name/);
    await view.locator('dialog.ask[open] button.danger').click();
    await row(NAME).waitFor({ state: 'detached' });
    await expectText(frame, complaints);
  });

  it('is text in the audit log, whoever did what to whom, and in its filters', async () => {
    const filter = new URLSearchParams({ agent: canary('filter') });
    const all = await open('#/audit', 'call');
    await all.shows(all.view.locator('.log'), MANAGER);
    await all.shows(all.view.locator('.log'), canary('call'));
    await expectText(all.frame, all.complaints);
    const filtered = await open(`#/audit?${filter}`, 'Audit');
    await expectText(filtered.frame, filtered.complaints);
  });

  it('is text where it says who changed the policy', async () => {
    const { frame, complaints } = await open('#/security', `Last changed by ${canary('changer')}`);
    await expectText(frame, complaints);
  });

  it('is nothing in the address of the page', async () => {
    const place = `#/${encodeURIComponent(canary('page'))}?x=${encodeURIComponent(MORE[4]!)}`;
    const dashboard = cleanup.using(
      await openDashboard(
        device,
        stage,
        place,
        `theme=${encodeURIComponent(canary('theme'))}&lang=${encodeURIComponent(MORE[0]!)}`,
      ),
    );
    await expectText(dashboard.frame, dashboard.complaints);
  });
});

describe('what looks like markup at the demo desk', function () {
  this.timeout(60_000);
  const cleanup = cleanupAfterAll();
  let device: Device;
  let desk: Desk;
  let complaints: string[];
  let page: Page;

  before(async () => {
    device = cleanup.using(await startChromium());
    desk = cleanup.using(await startDesk({ VIGIL_MIN_TIMEOUT: '15m', VIGIL_WARNING_LEAD: '60s' }));
    complaints = [];
    page = await device.openPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
  });

  const goTo = async (path: string) => {
    await page.goto(desk.url + path);
    await expectText(page, complaints);
  };
  const text = () => page.locator('body').innerText();

  it('is text in what a customer writes, for them and for the agents', async () => {
    const subject = canary('subject');
    await signIn(page, desk, 'tomas');
    await page.goto(`${desk.url}/help`);
    await page.locator('[name=subject]').fill(subject);
    await page.locator('[name=text]').fill([canary('mail'), ...MORE].join('\n'));
    await page
      .locator('[name=text]')
      .press('Control+Enter')
      .catch(() => {});
    await page.locator('form:has([name=subject]) button').first().click();
    await page.waitForURL(/\/help\/tickets\/\d+/);
    const number = /\d+$/.exec(new URL(page.url()).pathname)![0];
    expect(await text()).to.include(canary('mail'));
    await expectText(page, complaints);
    await signIn(page, desk, 'priya');
    await page.goto(`${desk.url}/desk/tickets/${number}`);
    await connected(page);
    for (const shown of [subject, canary('mail'), ...MORE]) expect(await text()).to.include(shown);
    await expectText(page, complaints);
    await goTo('/desk/tickets?view=open');
    expect(await text()).to.include(subject);
  });

  it('is text in what is searched for, and nothing in the address', async () => {
    const odd = encodeURIComponent(canary('q'));
    await goTo(`/desk/tickets?q=${odd}`);
    expect(await text()).to.include(canary('q'));
    for (const path of [
      `/desk/tickets?view=${odd}`,
      `/login?reason=${odd}&return=${encodeURIComponent(MORE[2]!)}`,
      `/help/login?reason=${odd}`,
    ])
      await goTo(path);
  });
});
