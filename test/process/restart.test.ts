import { expect } from 'chai';
import { apiOf } from '../support/api.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { runVigil } from '../support/node-process.ts';
import { openTab, Tab } from '../support/tab.ts';
import { SECRET, signServiceToken, signToken } from '../support/tokens.ts';
import { pause } from '../support/waiting.ts';
import { LEAD_MS, setTimeoutOf, startShortNode, TIMEOUT_MS } from './short-node.ts';

describe('a node that goes away', () => {
  const cleanup = cleanupAfterEach();

  it('has policy, sessions, availability and the dead as they were after a kill -9', async () => {
    const node = cleanup.using(await startShortNode());
    await setTimeoutOf(node.url, 'acme', 1_234);
    const live = signToken({ sub: 'alive', auto_assign: true });
    const dead = signToken({ sub: 'dead' });
    const tab = cleanup.using(await openTab(node.url, live));
    tab.activity();
    await tab.availability(false);
    await apiOf(node.url, dead).delete('/v1/session');
    const before = (await apiOf(node.url, live).get('/v1/session')).body;
    const policy = await apiOf(node.url, signServiceToken()).get('/v1/policy');

    await node.kill('SIGKILL');
    const again = cleanup.using(await node.restart());
    const after = (await apiOf(again.url, live).get('/v1/session')).body;
    expect(after).to.include({ agent: 'alive', account: 'acme', available: false, timeoutMs: 1_234_000 });
    expect(before.lastActivityAt - after.lastActivityAt, 'activity at most a second behind').to.be.within(
      0,
      1_000,
    );
    expect((await apiOf(again.url, dead).get('/v1/session')).body).to.include({
      code: 'session_ended',
      reason: 'logout',
    });
    const kept = await apiOf(again.url, signServiceToken()).get('/v1/policy');
    expect(kept.body).to.deep.equal(policy.body);
    expect(kept.headers.get('etag')).to.equal(policy.headers.get('etag'));
    const { agents } = (await apiOf(again.url, signServiceToken()).get('/v1/agents/available')).body;
    expect(agents).to.deep.equal([]);
  }).timeout(20_000);

  it('signs nobody out by having been away, whose tab is open and who goes on typing', async () => {
    const node = cleanup.using(await startShortNode());
    const token = signToken({ sub: 'typing on' });
    const [typing, warned] = await Promise.all([
      openTab(node.url, token),
      openTab(node.url, signToken({ sub: 'was warned' })),
    ]);
    typing.activity();
    await warned.next('warning', () => true, TIMEOUT_MS);
    await node.kill('SIGKILL');
    // Both deadlines pass meanwhile; one types, and its tab cannot tell anybody.
    await pause(TIMEOUT_MS);
    const lastInput = Date.now();
    const again = cleanup.using(await node.restart());
    const startedAt = Date.now();

    for (const tab of [typing, warned]) tab.reconnect();
    await typing.next('session');
    typing.focus(true);
    typing.activity(Date.now() - lastInput);
    const anew = await warned.next('session');
    expect(anew.message.state).to.equal('warning');
    expect(anew.message.endsAt, 'a whole new lead').to.be.at.least(startedAt + LEAD_MS - 500);

    const { message } = await warned.next('ended', () => true, LEAD_MS + 2_000);
    expect(message.endedAt).to.be.at.least(anew.message.endsAt);
    expect(typing.all('ended')).to.deep.equal([]);
    const { body } = await apiOf(again.url, token).get('/v1/session');
    expect(body.lastActivityAt - lastInput, 'what was typed while it was away').to.be.within(-5, 250);
    for (const tab of [typing, warned]) tab.close();
  }).timeout(30_000);

  it('warns anew those who sat in front of the warning when it died, and whom input then keeps', async () => {
    const node = cleanup.using(await startShortNode());
    const tab = cleanup.using(await openTab(node.url, signToken({ sub: 'in the warning' })));
    const { endsAt } = (await tab.next('warning', () => true, TIMEOUT_MS)).message;
    await node.kill('SIGKILL');
    await pause(endsAt - Date.now() - 200);
    const again = await node.restart();
    cleanup.using(again);
    tab.reconnect();
    const { message } = await tab.next('session');
    expect(message.endsAt).to.be.above(endsAt);
    tab.focus(true);
    tab.activity();
    const resumed = await tab.next('session', ({ state }) => state === 'active');
    expect(resumed.message.deadlineAt).to.be.above(Date.now());
    expect(tab.all('ended')).to.deep.equal([]);
  }).timeout(20_000);

  it('lets no second process at its data', async () => {
    const node = cleanup.using(await startShortNode());
    const second = await runVigil({ PORT: '0', VIGIL_JWT_SECRET: SECRET, VIGIL_DATA_DIR: node.dataDir });
    expect(second.code).to.equal(78);
    expect(second.output).to.include('VIGIL_DATA_DIR');
    expect((await apiOf(node.url).get('/readyz')).status, 'the first goes on').to.equal(200);
  }).timeout(20_000);

  it('says so where nothing survives, and lets two run side by side', async () => {
    const node = cleanup.using(await startShortNode({ VIGIL_DATA_DIR: 'none' }));
    const second = cleanup.using(await startShortNode({ VIGIL_DATA_DIR: 'none' }));
    await node.waitForLog(({ msg = '' }) => /survive/i.test(msg), 'a warning that nothing survives');
    expect(second.running).to.equal(true);
  }).timeout(20_000);

  it('sends its tabs elsewhere on SIGTERM, keeps what they reported and exits 0 within 10 s', async () => {
    const node = cleanup.using(await startShortNode());
    const token = signToken({ sub: 'moved on' });
    const tabs = await Promise.all([1, 2, 3].map(() => openTab(node.url, token)));
    const polling = cleanup.using(await openTab(node.url, token, { transports: ['polling'] }));
    tabs[0]!.activity();
    const input = Date.now();
    node.signal('SIGTERM');
    for (const tab of [...tabs, polling]) {
      const { message } = await tab.next('reconnect');
      expect(message.afterMs).to.be.within(0, 10_000);
      // A tab that goes when it is told to does not hold the node up.
      tab.close();
    }
    const exit = await node.exited;
    expect(exit).to.deep.equal({ code: 0, signal: null });
    expect(Date.now() - input).to.be.below(10_000);
    expect(tabs.flatMap((tab) => tab.all('ended'))).to.deep.equal([]);

    const again = cleanup.using(await node.restart());
    const { body } = await apiOf(again.url, token).get('/v1/session');
    expect(body.lastActivityAt - input, 'reported just before').to.be.within(-5, 250);
  }).timeout(30_000);

  it('exits on SIGTERM also where tabs and callers will not go', async () => {
    const node = cleanup.using(await startShortNode());
    const tabs = await Promise.all([1, 2, 3].map((n) => openTab(node.url, signToken({ sub: `stays ${n}` }))));
    for (const tab of tabs) cleanup.using(tab);
    const start = Date.now();
    node.signal('SIGTERM');
    await tabs[0]!.next('reconnect');
    // Impatience must not cut the orderly end short: npm, too, passes on a Ctrl-C that the node has had already.
    node.signal('SIGTERM');
    node.signal('SIGINT');
    expect(await node.exited).to.deep.equal({ code: 0, signal: null });
    expect(Date.now() - start).to.be.below(10_000);
    for (const tab of tabs) expect(tab.all('reconnect')).to.have.length(1);
  }).timeout(20_000);

  it('refuses newcomers while it goes, so that they try elsewhere', async () => {
    const node = cleanup.using(await startShortNode());
    const tab = cleanup.using(await openTab(node.url, signToken({ sub: 'first' })));
    node.signal('SIGTERM');
    await tab.next('reconnect');
    const late = cleanup.using(new Tab(node.url, signToken({ sub: 'second' })));
    const { code } = await late.refused();
    expect(code).to.satisfy((text: string) => text === 'unavailable' || /error/.test(text));
    expect(late.all('session')).to.deep.equal([]);
  }).timeout(20_000);
});
