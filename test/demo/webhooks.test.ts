import { expect } from 'chai';
import { startDesk } from '../browser/desk.ts';
import { cleanupAfterAll } from '../support/cleanup.ts';
import { until } from '../support/waiting.ts';

describe('demo desk: Vigil’s webhooks', function () {
  this.timeout(30_000);
  const cleanup = cleanupAfterAll();

  it('come from its own node by themselves, so that the desk drops a login that nobody comes back to', async () => {
    const desk = cleanup.using(await startDesk());
    const form = new URLSearchParams({ email: 'jonas@tidewater.example', password: 'spoke-by-spoke' });
    const login = await fetch(`${desk.url}/login`, { method: 'POST', body: form, redirect: 'manual' });
    const cookie = login.headers.getSetCookie()[0]!.split(';')[0]!;
    const visit = () => fetch(`${desk.url}/desk/tickets`, { headers: { cookie }, redirect: 'manual' });
    expect((await visit()).status).to.equal(200);
    await desk.signOut('jonas');
    await until(async () => {
      const metrics = await (await fetch(`${desk.url}/metrics`)).text();
      // That the session began, that it ended, that he became unavailable.
      return Number(/^vigil_webhooks_total\{outcome="delivered"\} (\d+)/m.exec(metrics)?.[1]) >= 3;
    }, 'the webhooks to be taken');
    expect((await visit()).headers.get('location')).to.match(/^\/login\?reason=admin/);
  });
});
