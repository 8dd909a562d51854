import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect } from 'chai';
import type { FrameLocator, Page } from 'playwright-core';
import { type Desk, openDesk, signIn, startDesk, type Who } from '../browser/desk.ts';
import { type Device, startChromium } from '../support/chromium.ts';
import { cleanupAfterAll } from '../support/cleanup.ts';
import { until } from '../support/waiting.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SETTINGS = '/desk/manage/general/security/session';
const HOUR_S = 3_600;

describe('demo desk: its pages in a browser', function () {
  this.timeout(60_000);
  const cleanup = cleanupAfterAll();
  let desk: Desk;
  let device: Device;
  let page: Page;
  /** What the browser complained about: blocked scripts and styles, exceptions. */
  let complaints: string[];

  before(async () => {
    desk = cleanup.using(await startDesk());
    device = cleanup.using(await startChromium());
  });

  beforeEach(async () => {
    await desk.setPolicy({ timeoutSeconds: HOUR_S });
    await device.context.clearCookies();
    page = await device.openPage();
    complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
  });

  afterEach(async () => {
    await page.close();
    // A customer's mail tries what it may not; its own frame refuses it.
    const own = complaints.filter((text) => !/tracking\.example|\/mail'|status of 4/.test(text));
    expect(own).to.deep.equal([]);
  });

  /** Vigil's dashboard, in the desk's page. */
  async function openManage(who: Who, path: string): Promise<FrameLocator> {
    await signIn(page, desk, who);
    await page.goto(desk.url + path);
    const dashboard = page.frameLocator('#vigil');
    await dashboard.getByRole('heading', { level: 1 }).waitFor();
    return dashboard;
  }
  const policy = async () => (await desk.api.get('/v1/policy')).body;

  describe('Session Security', () => {
    it('is Vigil’s own page in the desk’s, signed in as whoever is signed in here, and saves for everybody at once', async () => {
      const settings = await openManage('mara', SETTINGS);
      await settings.getByText('Allowed: 8 seconds to 30 days').waitFor();
      await settings.getByRole('textbox', { name: 'Sign out after' }).fill('45');
      await settings.getByRole('combobox', { name: 'Unit' }).selectOption('minutes');
      await settings.getByRole('switch', { name: 'to agents' }).uncheck();
      await settings.getByRole('button', { name: 'Save', exact: true }).click();
      await settings.getByText('Last changed by Mara Lindqvist').waitFor();
      expect(await policy()).to.deep.include({
        timeoutSeconds: 45 * 60,
        rememberMe: { agent: false, requester: true },
        updatedBy: 'mara',
      });
    });

    it('offers a short timeout for the demo, marked as such', async () => {
      const settings = await openManage('mara', SETTINGS);
      await settings.getByRole('button', { name: /^2 minutes.*tests and demos/ }).click();
      await settings.getByRole('button', { name: 'Save', exact: true }).click();
      await until(async () => (await policy()).timeoutSeconds === 120, 'the short timeout');
    });

    it('shows live presence to agents who may see it, and the rest under Manage to nobody else', async () => {
      const presence = await openManage('jonas', '/desk/manage/presence');
      await presence.locator('.agent', { hasText: 'Jonas Okafor' }).waitFor();
      expect(await page.getByRole('link', { name: 'Session Security' }).count()).to.equal(0);
      const refused = await page.goto(desk.url + SETTINGS);
      expect(refused?.status()).to.equal(403);
    });

    it('hands its token to nobody but the frame that it made', async () => {
      await openManage('mara', SETTINGS);
      await page.evaluate(`(() => {
        const other = document.createElement('iframe');
        other.id = 'other';
        other.src = '/dashboard/';
        document.body.append(other);
      })()`);
      const other = page.frameLocator('#other');
      // It goes on asking, and says after a while that nobody answers.
      await other.getByText('The service desk has not answered yet').waitFor({ timeout: 15_000 });
    });

    it('is refused by Vigil to agents without Manage Security, whatever page they call it from', async () => {
      await signIn(page, desk, 'priya');
      const statuses = await page.evaluate(`(async () => {
        const { getToken } = await import('/desk/assets/session.js');
        const headers = { authorization: 'Bearer ' + (await getToken()), 'content-type': 'application/json' };
        const body = JSON.stringify({ timeoutSeconds: 600, rememberMe: { agent: true, requester: true } });
        const calls = [fetch('/v1/policy', { headers }), fetch('/v1/policy', { method: 'PUT', headers, body })];
        return (await Promise.all(calls)).map(({ status }) => status);
      })()`);
      expect(statuses).to.deep.equal([403, 403]);
      expect((await policy()).timeoutSeconds).to.equal(HOUR_S);
    });
  });

  describe('a reply', () => {
    const field = () => page.locator('#reply-text');
    const openTicket = async () => {
      await page.goto(`${desk.url}/desk/tickets/1002`);
    };

    it('is kept while it is typed, also where somebody signs out in the middle of it, and gone once sent', async () => {
      await signIn(page, desk, 'priya');
      await openTicket();
      await field().fill('Kept by itself');
      await page.getByText('Draft saved').waitFor();
      await field().press('End');
      await field().pressSequentially(', and at the last moment');
      await page.locator('.menu summary').click();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByText('You have signed out.').waitFor();

      await signIn(page, desk, 'jonas');
      await openTicket();
      expect(await field().inputValue()).to.equal('');

      await device.context.clearCookies();
      await signIn(page, desk, 'priya');
      await openTicket();
      expect(await field().inputValue()).to.equal('Kept by itself, and at the last moment');
      await page.getByRole('button', { name: 'Send reply' }).click();
      await page.getByText('set the state to waiting for customer').waitFor();
      expect(await page.locator('.message.agent').last().textContent()).to.include('at the last moment');
      expect(await field().inputValue()).to.equal('');
    });

    it('is kept where somebody goes to another page right after the last key', async () => {
      await signIn(page, desk, 'priya');
      await page.goto(`${desk.url}/desk/tickets/1004`);
      await field().pressSequentially('Gone in a moment');
      await page.getByRole('link', { name: 'All open' }).click();
      await page.waitForURL(/view=open/);
      // The save outlives its page; on another connection it may come in after the next page was asked for.
      await until(async () => {
        await page.goto(`${desk.url}/desk/tickets/1004`);
        return (await field().inputValue()) === 'Gone in a moment';
      }, 'the draft');
    });

    it('is sent by Ctrl+Enter, though its draft was never saved before', async () => {
      await signIn(page, desk, 'priya');
      await page.goto(`${desk.url}/desk/tickets/1006`);
      await field().fill('Quick answer');
      await field().press('Control+Enter');
      await page.locator('.message.agent', { hasText: 'Quick answer' }).waitFor();
      expect(await field().inputValue()).to.equal('');
    });
  });

  it('sets availability with Vigil, and shows it in every tab', async () => {
    const available = async () => {
      const { body } = await desk.api.get('/v1/agents/available');
      return body.agents.some(({ id }: { id: string }) => id === 'jonas');
    };
    await signIn(page, desk, 'jonas');
    const other = await openDesk(device, desk);
    const before = await available();
    await page.bringToFront();
    await page.locator('#availability').click();
    for (const tab of [page, other])
      await until(
        async () => (await tab.getAttribute('#availability', 'aria-checked')) === String(!before),
        'the switch',
      );
    expect(await available()).to.equal(!before);
    await other.close();
  });

  it('shows a customer’s mail without running or loading anything of it', async () => {
    await signIn(page, desk, 'priya');
    const elsewhere: string[] = [];
    page.on('requestfinished', (request) => elsewhere.push(new URL(request.url()).origin));
    await page.goto(`${desk.url}/desk/tickets/1003`);
    const mail = page.frameLocator('.mail');
    await mail.getByText('I have not unpacked the frame').waitFor();
    expect(await mail.locator('body').innerText()).not.to.include('A script in a mail has run');
    expect(new Set(elsewhere)).to.deep.equal(new Set([desk.url]));
  });

  it('gives axe-core nothing to find, in light and dark, wide and narrow', async () => {
    const findings: string[] = [];
    const look = async (path?: string) => {
      if (path !== undefined) await page.goto(desk.url + path);
      await page.evaluate(axe);
      const { violations } = (await page.evaluate('axe.run()')) as {
        violations: { id: string; nodes: { html: string }[] }[];
      };
      findings.push(...violations.map(({ id, nodes }) => `${page.url()}: ${id} ${nodes[0]?.html}`));
    };
    for (const [colorScheme, width] of [
      ['light', 1280],
      ['dark', 360],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      await device.context.clearCookies();
      await look('/login?reason=timeout');
      await signIn(page, desk, 'mara');
      for (const path of [
        '/desk/tickets?view=open',
        '/desk/tickets?q=nothing+like+it',
        '/desk/tickets/1003',
        SETTINGS,
      ])
        await look(path);
      await page.frameLocator('#vigil').getByRole('textbox', { name: 'Sign out after' }).waitFor();
      await page.locator('.menu summary').click();
      await look();
      await look('/desk/nowhere');
      await signIn(page, desk, 'tomas');
      for (const path of ['/help', '/help/tickets/1002']) await look(path);
      expect(
        await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
        'nothing sticks out',
      ).to.equal(0);
    }
    expect(findings).to.deep.equal([]);
  });
});
