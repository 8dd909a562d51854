import { expect } from 'chai';
import { type Device, startChromium } from '../support/chromium.ts';
import { type FakeVigil, looseToken, startFakeVigil } from '../support/fake-vigil.ts';
import { bundledSdk, openDesk, waitForState } from '../support/sdk-page.ts';
import { until } from '../support/waiting.ts';

describe('The SDK, its token and its age', function () {
  this.timeout(40_000);
  let device: Device;
  let vigil: FakeVigil;
  before(async () => {
    device = await startChromium();
    vigil = await startFakeVigil({ sdkFolder: await bundledSdk() });
  });
  after(async () => {
    await device.close();
    await vigil.close();
  });

  it('shows a fresh token on the same connection before the old one expires', async () => {
    const shortly = () => looseToken({ exp: Math.floor(Date.now() / 1000) + 14 });
    const page = await openDesk(device, vigil, { host: `window.token = ${JSON.stringify(shortly())}` });
    const tab = await vigil.nextTab();
    await waitForState(page, 'active');
    const fresh = looseToken();
    await page.evaluate((token) => {
      (window as unknown as { token: string }).token = token;
    }, fresh);
    const { payload } = await tab.next('token', 15_000);
    expect(payload).to.deep.equal({ token: fresh });
    expect(tab.closed).to.equal(false);
    await page.close();
  });

  it('says once in the console that it is older than the server', async () => {
    const warnings: string[] = [];
    const desk = await openDesk(device, vigil);
    desk.on('console', (message) => {
      if (/older than the server/.test(message.text())) warnings.push(message.text());
    });
    const tab = await vigil.nextTab();
    await waitForState(desk, 'active');
    tab.send('outdated', { protocol: '9.9.0' });
    tab.send('outdated', { protocol: '9.9.0' });
    await until(() => warnings.length > 0, 'the warning');
    tab.session();
    await waitForState(desk, 'active');
    expect(warnings).to.have.length(1);
  });
});
