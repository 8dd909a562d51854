import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ConfigRefused, readConfig } from '../../server/config.ts';
import { startNode } from '../../server/node.ts';
import { apiOf } from '../support/api.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { createTestClock } from '../support/clock.ts';
import { temporaryFolder } from '../support/places.ts';
import { openTab } from '../support/tab.ts';
import { agentClaims, SECRET, sign } from '../support/tokens.ts';
import { Office, START } from './http/office.ts';

describe('a node', () => {
  const cleanup = cleanupAfterEach();
  const settings = (dataDir: string, more = {}) =>
    readConfig({ PORT: '0', HOST: '127.0.0.1', VIGIL_DATA_DIR: dataDir, VIGIL_JWT_SECRET: SECRET, ...more });

  async function refusalOf(starting: Promise<{ close(): Promise<void> }>): Promise<unknown> {
    return starting.then(
      (node) => node.close().then(() => undefined),
      (error: unknown) => error,
    );
  }

  it('refuses a port that another has, and leaves its data to the next', async () => {
    const dataDir = temporaryFolder('data');
    const first = cleanup.using(await Office.open());
    const clock = createTestClock(START);
    const refusal = await refusalOf(
      startNode(settings(dataDir, { PORT: String(first.node.port) }), { clock }),
    );
    expect(refusal).to.include({ code: 'EADDRINUSE' });
    cleanup.using(await startNode(settings(dataDir), { clock }));
  });

  it('leaves nothing running where it could not start', async () => {
    const first = cleanup.using(await Office.open());
    const clock = createTestClock(START);
    const port = String(first.node.port);
    await refusalOf(startNode(settings('none', { PORT: port }), { clock }));
    expect(clock.pending).to.equal(0);
  });

  it('refuses data that it cannot use, and names the setting', async () => {
    const dataDir = join(temporaryFolder('data'), 'file');
    writeFileSync(dataDir, '');
    const refusal = await refusalOf(startNode(settings(dataDir), { clock: createTestClock(START) }));
    expect(refusal).to.be.instanceOf(ConfigRefused);
    expect((refusal as ConfigRefused).faults.map(({ variable }) => variable)).to.deep.equal([
      'VIGIL_DATA_DIR',
    ]);
  });

  it('lets the calls that are under way end before it goes, and is not ready meanwhile', async () => {
    const office = await Office.open();
    const release = office.between.hold('policy');
    const call = office.manager().get('/v1/policy');
    while (office.between.calls('policy').length === 0) await new Promise(setImmediate);
    const leaving = office.node.leave();
    release();
    expect((await call).status).to.equal(200);
    const moving = setInterval(() => office.clock.advance(25), 1);
    await leaving;
    clearInterval(moving);
    const after = await office
      .stranger()
      .get('/healthz')
      .catch((error: Error) => error.name);
    expect(after).to.equal('TypeError');
  });

  it('serves sockets and calls on one port, and tells the tabs what a call has done', async () => {
    const office = cleanup.using(await Office.open());
    const token = sign(agentClaims(START, { auto_assign: true }));
    const tab = cleanup.using(await openTab(office.node.url, token));
    await office.manager().put('/v1/agents/ann/availability', { available: false });
    const told = await tab.next('session', ({ available }) => available === false);
    expect(told.message.available).to.equal(false);
  });

  describe('with the demo desk', () => {
    const demo = (dataDir: string) => readConfig({ PORT: '0', VIGIL_DATA_DIR: dataDir });

    it('serves the desk beside the calls, from the first page on', async () => {
      const node = cleanup.using(await startNode(demo('none'), { clock: createTestClock(START) }));
      const page = await apiOf(node.url).get('/login');
      expect(page.status).to.equal(200);
      expect(page.headers.get('content-type')).to.match(/^text\/html/);
      expect((await apiOf(node.url).get('/v1/session')).body.code).to.equal('token_missing');
    });

    it('keeps the secret that it made, for its owner alone, so that sessions survive a restart', async () => {
      const dataDir = temporaryFolder('data');
      const clock = createTestClock(START);
      const first = await startNode(demo(dataDir), { clock });
      const file = join(dataDir, 'demo', 'secret');
      const secret = readFileSync(file, 'utf8');
      expect(statSync(file).mode & 0o777).to.equal(0o600);
      const token = sign(agentClaims(START), secret);
      expect((await apiOf(first.url, token).get('/v1/session')).status).to.equal(200);
      await first.close();
      const second = cleanup.using(await startNode(demo(dataDir), { clock }));
      expect((await apiOf(second.url, token).get('/v1/session')).status).to.equal(200);
    });

    it('makes a new secret where the kept one is too short', async () => {
      const dataDir = temporaryFolder('data');
      mkdirSync(join(dataDir, 'demo'));
      writeFileSync(join(dataDir, 'demo', 'secret'), 'short');
      cleanup.using(await startNode(demo(dataDir), { clock: createTestClock(START) }));
      expect(readFileSync(join(dataDir, 'demo', 'secret'), 'utf8')).to.have.length.greaterThan(31);
    });
  });
});
