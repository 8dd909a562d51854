import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { type Device, startChromium } from '../support/chromium.ts';
import { cleanupAfterAll } from '../support/cleanup.ts';
import {
  connected,
  type Desk,
  inPage,
  signIn,
  startDesk,
  untilShown,
  untilUncovered,
  untilWarned,
} from './desk.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const TIMEOUT_MS = 14_000;
const LEAD_MS = 10_000;

describe('the desk for everybody', function () {
  this.timeout(60_000);
  const cleanup = cleanupAfterAll();
  let desk: Desk;
  let device: Device;

  before(async () => {
    // axe takes its time, and the warning is to stay meanwhile.
    const timing = { VIGIL_MIN_TIMEOUT: `${TIMEOUT_MS / 1000}s`, VIGIL_WARNING_LEAD: `${LEAD_MS / 1000}s` };
    desk = cleanup.using(await startDesk(timing));
    device = cleanup.using(await startChromium());
  });
  beforeEach(() => desk.setPolicy({ timeoutSeconds: 3_600 }));
  afterEach(() => device.reset());

  /**
   * Evaluated and not added as a script: the pages' own CSP stays in force. Of frames only their place is judged: a mail is what
   * somebody sent, and Vigil's own pages are judged by themselves.
   */
  async function expectNoFindings(page: Page, where: string, without: string[] = []): Promise<void> {
    const off = ['frame-tested', ...without].map((rule) => [rule, { enabled: false }]);
    const options = { iframes: false, rules: Object.fromEntries(off) };
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await inPage(page, `${AXE}; 0`);
      const { violations, incomplete, passes } = await inPage<AxeResults>(
        page,
        `axe.run(${JSON.stringify(options)})`,
      );
      const told = violations.map(
        ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`,
      );
      expect(told, `${where}, ${scheme}`).to.deep.equal([]);
      expect(passes.length, `${where}: it has looked`).to.be.greaterThan(10);
      expect(
        incomplete.map(({ id }) => id).filter((id) => id !== 'color-contrast'),
        `${where}: undecided`,
      ).to.deep.equal([]);
    }
  }

  it('has nothing that axe-core finds on the pages in front of the login', async () => {
    const page = await device.openPage();
    for (const path of ['/login', '/login?reason=timeout', '/help/login', '/login/nowhere']) {
      await page.goto(desk.url + path);
      await expectNoFindings(page, path);
    }
  });

  it('has nothing that axe-core finds on the agents’ pages', async () => {
    const page = await device.openPage();
    await signIn(page, desk, 'mara');
    const paths = ['mine', 'unassigned', 'open', 'resolved'].map((view) => `/desk/tickets?view=${view}`);
    for (const path of [
      ...paths,
      '/desk/tickets/1001',
      '/desk/manage/presence',
      '/desk/manage/general/security/session',
      '/desk/manage/general/security/audit',
      '/desk/nowhere',
    ]) {
      await page.goto(desk.url + path);
      if (path !== '/desk/nowhere') await connected(page);
      await expectNoFindings(page, path);
    }
  });

  it('has nothing that axe-core finds on the customers’ pages', async () => {
    const page = await device.openPage();
    await signIn(page, desk, 'tomas');
    await expectNoFindings(page, '/help');
    const ticket = await inPage<string | null>(
      page,
      `document.querySelector('main a[href*="/help/tickets/"]')?.pathname ?? null`,
    );
    expect(ticket, 'a ticket to look at').to.be.a('string');
    await page.goto(desk.url + ticket);
    await expectNoFindings(page, '/help/tickets/…');
  });

  it('has nothing that axe-core finds on the warning and on the cover', async () => {
    await desk.setPolicy({ timeoutSeconds: TIMEOUT_MS / 1000 });
    const page = await device.openPage();
    await signIn(page, desk, 'jonas');
    await untilWarned(page);
    await expectNoFindings(page, 'the warning');
    expect(await page.getByRole('alertdialog', { name: 'Are you still there?' }).count()).to.equal(1);
    desk.node.signal('SIGSTOP');
    try {
      await untilShown(page, ({ kind }) => kind === 'cover', 'the cover', LEAD_MS + 3_000);
      // What is covered has no main part and no heading for as long as it is.
      await expectNoFindings(page, 'the cover', ['landmark-one-main', 'page-has-heading-one']);
    } finally {
      desk.node.signal('SIGCONT');
    }
  });

  it('can be worked by the keyboard alone, the warning included', async () => {
    const page = await device.openPage(`${desk.url}/login`);
    await page.getByLabel('Email').focus();
    await page.keyboard.type('jonas@tidewater.example');
    await page.keyboard.press('Tab');
    await page.keyboard.type('spoke-by-spoke');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/desk/);
    await connected(page);
    await page.keyboard.press('Tab');
    expect(await inPage(page, 'document.activeElement.textContent'), 'a way past the navigation').to.equal(
      'Skip to the content',
    );
    const before = await inPage(page, 'document.activeElement.outerHTML');
    await desk.setPolicy({ timeoutSeconds: TIMEOUT_MS / 1000 });
    await untilWarned(page);
    expect(
      await inPage(page, `document.activeElement.shadowRoot?.activeElement?.tagName`),
      'the focus is in it',
    ).to.equal('BUTTON');
    await page.keyboard.press('Enter');
    await untilUncovered(page);
    expect(await inPage(page, 'document.activeElement.outerHTML'), 'and goes back').to.equal(before);
  });
});
