import { expect } from 'chai';
import type { FrameLocator, Page } from 'playwright-core';
import { apiOf } from '../support/api.ts';
import { type Device, startChromium } from '../support/chromium.ts';
import { cleanupAfterAll } from '../support/cleanup.ts';
import { until } from '../support/waiting.ts';
import { connected, type Desk, inPage, signIn, startDesk } from './desk.ts';

const SECURITY = '/desk/manage/general/security/session';

describe('Session Security at the desk', function () {
  this.timeout(60_000);
  const cleanup = cleanupAfterAll();
  let desk: Desk;
  let device: Device;

  before(async () => {
    // Nobody is to be timed out here.
    desk = cleanup.using(await startDesk({ VIGIL_MIN_TIMEOUT: '90s', VIGIL_WARNING_LEAD: '10s' }));
    device = cleanup.using(await startChromium());
  });
  beforeEach(() => desk.setPolicy({ timeoutSeconds: 600 }));
  afterEach(() => device.reset());

  /** The page under Manage, with Vigil's own page in its frame. */
  async function openSecurity(): Promise<{ page: Page; frame: FrameLocator }> {
    const page = await device.openPage();
    await signIn(page, desk, 'mara');
    await page.getByRole('link', { name: 'Session Security' }).click();
    await page.waitForURL(new RegExp(SECURITY));
    const frame = page.frameLocator('#vigil');
    await frame.getByRole('textbox', { name: 'Sign out after' }).waitFor();
    return { page, frame };
  }

  it('is there for people with Manage Security alone, and the API refuses the others', async () => {
    for (const who of ['jonas', 'priya'] as const) {
      const page = await device.openPage();
      await signIn(page, desk, who);
      expect(await page.getByRole('link', { name: 'Session Security' }).count(), who).to.equal(0);
      const token = await inPage<string>(
        page,
        `import('/desk/assets/session.js').then(({ getToken }) => getToken())`,
      );
      const settings = { timeoutSeconds: 900, rememberMe: { agent: true, requester: true } };
      const api = apiOf(desk.url, token);
      for (const answer of [await api.get('/v1/policy'), await api.put('/v1/policy', settings)]) {
        expect([answer.status, answer.body.code]).to.deep.equal([403, 'forbidden']);
      }
      const response = await page.goto(desk.url + SECURITY);
      expect(response!.status()).to.equal(403);
      await device.reset();
    }
    await openSecurity();
  });

  it('shows live presence to who may see it, and to nobody else', async () => {
    const page = await device.openPage();
    await signIn(page, desk, 'jonas');
    await page.getByRole('link', { name: 'Live presence' }).click();
    await page.frameLocator('#vigil').getByText('Jonas Okafor').first().waitFor();
    await device.reset();
    const other = await device.openPage();
    await signIn(other, desk, 'priya');
    expect(await other.getByRole('navigation', { name: 'Manage' }).count()).to.equal(0);
    expect((await other.goto(`${desk.url}/desk/manage/presence`))!.status()).to.equal(403);
  });

  it('saves what is set, in force at once for who is signed in, and on the login page', async () => {
    const { frame } = await openSecurity();
    expect(await frame.getByRole('textbox', { name: 'Sign out after' }).inputValue()).to.equal('10');
    await frame.getByRole('textbox', { name: 'Sign out after' }).fill('3');
    await frame.getByRole('combobox', { name: 'Unit' }).selectOption('3600');
    await frame.getByRole('switch', { name: /to requesters/ }).uncheck();
    await frame.getByRole('button', { name: 'Save' }).click();
    const policy = await until(async () => {
      const { body } = await desk.api.get('/v1/policy');
      return body.updatedBy === 'mara' && body;
    }, 'the policy, saved');
    expect(policy).to.deep.include({
      timeoutSeconds: 10_800,
      rememberMe: { agent: true, requester: false },
    });
    const agent = (await desk.api.get('/v1/agents/mara')).body;
    expect(agent.deadlineAt - agent.lastActivityAt).to.equal(10_800_000);
    const door = await device.openPage(`${desk.url}/help/login`);
    expect(await door.getByLabel('Remember me').count()).to.equal(0);
  });

  it('lets who tries the demo set so short a timeout that it can be waited for', async () => {
    const { frame } = await openSecurity();
    await frame.getByRole('textbox', { name: 'Sign out after' }).fill('90');
    await frame.getByRole('combobox', { name: 'Unit' }).selectOption('1');
    await frame.getByRole('button', { name: 'Save' }).click();
    await until(
      async () => (await desk.api.get('/v1/policy')).body.timeoutSeconds === 90,
      'the policy, saved',
    );
  });

  it('counts work in the frame as activity at the desk', async () => {
    const { page, frame } = await openSecurity();
    const before = (await desk.api.get('/v1/agents/mara')).body.lastActivityAt;
    await frame.getByRole('textbox', { name: 'Sign out after' }).pressSequentially('12');
    await until(
      async () => {
        const { body } = await desk.api.get('/v1/agents/mara');
        return body.lastActivityAt > before;
      },
      'the activity',
      { timeoutMs: 15_000 },
    );
    await connected(page);
  });
});
