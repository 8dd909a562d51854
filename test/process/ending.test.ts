import { expect } from 'chai';
import { apiOf } from '../support/api.ts';
import { cleanupAfterAll } from '../support/cleanup.ts';
import { startVigil, type VigilProcess } from '../support/node-process.ts';
import { openTab, Tab } from '../support/tab.ts';
import { newSid, signServiceToken, signToken } from '../support/tokens.ts';

describe('the end of a session, from outside', () => {
  const cleanup = cleanupAfterAll();
  let node: VigilProcess;

  before(async () => {
    node = cleanup.using(await startVigil());
  });

  const tabOf = async (token: string) => cleanup.using(await openTab(node.url, token));
  const backend = () => apiOf(node.url, signServiceToken());

  /** Refused wherever it is shown. */
  async function expectRefusedEverywhere(url: string, token: string, reason: string): Promise<void> {
    for (const namespace of ['', '/presence']) {
      for (const transports of [['websocket'], ['polling']]) {
        const tab = cleanup.using(new Tab(url + namespace, token, { transports }));
        const where = `${namespace || '/'} by ${transports[0]}`;
        expect(await tab.refused(), where).to.deep.equal({ code: 'session_ended', reason });
      }
    }
    const api = apiOf(url, token);
    const answers = await Promise.all([
      api.get('/v1/session'),
      api.delete('/v1/session'),
      api.get('/v1/verify'),
      api.get('/v1/policy'),
      api.put('/v1/policy', { timeoutSeconds: 3_600, rememberMe: { agent: true, requester: true } }),
      api.get('/v1/agents/available'),
      api.post('/v1/agents/ada/sign-out'),
      api.put('/v1/agents/ada/availability', { available: true }),
    ]);
    for (const { status, headers, body } of answers) {
      expect(status).to.equal(401);
      expect(headers.get('content-type')).to.match(/^application\/problem\+json/);
      expect(body).to.include({ code: 'session_ended', reason });
    }
  }

  it('reaches every tab of a login that signs itself out, and leaves its other logins alone', async () => {
    const sub = 'two logins';
    const [here, there] = [signToken({ sub }), signToken({ sub })];
    const tabs = await Promise.all([tabOf(here), tabOf(here), tabOf(here)]);
    const other = await tabOf(there);

    expect(await tabs[0].logout()).to.deep.equal({ ok: true });
    for (const tab of tabs) {
      expect((await tab.next('ended')).message.reason).to.equal('logout');
      expect(await tab.disconnected()).to.equal('io server disconnect');
    }
    expect((await apiOf(node.url, there).get('/v1/session')).status).to.equal(200);
    expect(other.all('ended')).to.deep.equal([]);
    expect(other.socket.connected).to.equal(true);
  });

  it('is the last that a connection hears', async () => {
    const token = signToken({ sub: 'last word', auto_assign: true });
    const tabs = await Promise.all([tabOf(token), tabOf(token)]);
    // Under way while the session ends.
    for (const tab of tabs) for (let round = 0; round < 20; round += 1) tab.activity(round);
    const asked = tabs[1].availability(false).catch(() => undefined);
    await tabs[0].logout();
    await Promise.all(tabs.map((tab) => tab.disconnected()));
    await asked;
    for (const tab of tabs) {
      expect(tab.all('ended')).to.have.length(1);
      expect(tab.received.at(-1)?.event).to.equal('ended');
    }
  });

  it('comes to all logins of an agent whom a manager signs out, who becomes unavailable', async () => {
    const sub = 'signed out';
    const tokens = [signToken({ sub, auto_assign: true }), signToken({ sub, auto_assign: true })];
    const tabs = await Promise.all(tokens.map(tabOf));
    const listed = async () => (await backend().get('/v1/agents/available')).body.agents;
    expect(await listed()).to.deep.include({ id: sub, name: null });

    expect((await backend().post(`/v1/agents/${encodeURIComponent(sub)}/sign-out`)).status).to.equal(204);
    for (const tab of tabs) expect((await tab.next('ended')).message.reason).to.equal('admin');
    expect(await listed()).to.not.deep.include({ id: sub, name: null });
    for (const token of tokens) await expectRefusedEverywhere(node.url, token, 'admin');

    const again = await tabOf(signToken({ sub, auto_assign: true }));
    expect(again.all('session')[0]!.message.available, 'until somebody sets it').to.equal(false);
    expect(await again.availability(true)).to.deep.equal({ ok: true, available: true });
    expect(await listed()).to.deep.include({ id: sub, name: null });
  });

  it('leaves availability alone where the agent signs out alone', async () => {
    const sub = 'home time';
    const tab = await tabOf(signToken({ sub, auto_assign: true }));
    await tab.logout();
    const again = await tabOf(signToken({ sub, auto_assign: true }));
    expect(again.all('session')[0]!.message.available).to.equal(true);
  });

  it('is the same by HTTP: the page, and the host’s own logout', async () => {
    const [page, host] = [signToken({ sub: 'by page' }), newSid()];
    const tabs = await Promise.all([tabOf(page), tabOf(signToken({ sub: 'by host', sid: host }))]);
    expect((await backend().get(`/v1/sessions/${host}`)).status).to.equal(200);
    expect((await apiOf(node.url, page).delete('/v1/session')).status).to.equal(204);
    expect((await backend().delete(`/v1/sessions/${host}`)).status).to.be.within(200, 204);
    for (const tab of tabs) expect((await tab.next('ended')).message.reason).to.equal('logout');
    await expectRefusedEverywhere(node.url, page, 'logout');
    await expectRefusedEverywhere(node.url, signToken({ sub: 'by host', sid: host }), 'logout');
  });

  it('stays, also for a fresh token of the same login and after a kill -9', async () => {
    const sid = newSid();
    const tab = await tabOf(signToken({ sub: 'kept out', sid }));
    await tab.logout();
    await tab.disconnected();
    await node.kill('SIGKILL');
    node = cleanup.using(await node.restart());
    await expectRefusedEverywhere(
      node.url,
      signToken({ sub: 'kept out', sid, permissions: ['manage_security'] }),
      'logout',
    );
    await expectRefusedEverywhere(node.url, signToken({ sub: 'kept out', sid }), 'logout');
  });

  it('ends the oldest login where an agent has more than fifty', async () => {
    const sub = 'everywhere';
    const now = Math.floor(Date.now() / 1000);
    const oldest = await tabOf(signToken({ sub, iat: now - 30, exp: now + 600 }));
    for (let login = 1; login < 50; login += 1) {
      const { status } = await apiOf(node.url, signToken({ sub })).get('/v1/session');
      expect(status).to.equal(200);
    }
    expect(oldest.socket.connected).to.equal(true);
    await apiOf(node.url, signToken({ sub })).get('/v1/session');
    expect((await oldest.next('ended')).message.reason).to.equal('logout');
  });

  it('takes a login that lies a whole timeout back for one that has ended', async () => {
    const now = Math.floor(Date.now() / 1000);
    const stale = signToken({ sub: 'yesterday', iat: now, auth_time: now - 86_400 });
    await expectRefusedEverywhere(node.url, stale, 'timeout');
  });
});
