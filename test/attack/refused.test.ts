import { expect } from 'chai';
import { createLog } from '../../server/log.ts';
import { Office, START } from '../server/http/office.ts';
import { apiOf } from '../support/api.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { Tab } from '../support/tab.ts';
import { agentClaims, sign } from '../support/tokens.ts';
import { until } from '../support/waiting.ts';

describe('the log of refused attempts', () => {
  const cleanup = cleanupAfterEach();

  async function open(settings = {}) {
    const lines: string[] = [];
    const log = createLog('info', { write: (line) => void lines.push(line) });
    const office = cleanup.using(await Office.open(settings, { log }));
    const entries = () =>
      lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'refused' || /dropped/.test(msg));
    return { office, entries };
  }

  it('says when, from where, what was tried and why it was refused, on sockets and by HTTP', async () => {
    const { office, entries } = await open();
    const forged = sign(agentClaims(START), 'another secret of thirty-two bytes or so');
    await apiOf(office.node.url, forged).get('/v1/session');
    await office.agent({ sub: 'ann' }).get('/v1/policy');
    for (const namespace of ['/', '/presence'])
      await cleanup.using(new Tab(`${office.node.url}${namespace}`, forged)).refused();
    expect(
      entries().map(({ address, code, route, namespace, agent }) => [
        address,
        code,
        route ?? namespace,
        agent,
      ]),
    ).to.deep.equal([
      ['127.0.0.1', 'token_invalid', '/v1/session', undefined],
      ['127.0.0.1', 'forbidden', '/v1/policy', 'ann'],
      ['127.0.0.1', 'token_invalid', '/', undefined],
      ['127.0.0.1', 'token_invalid', '/presence', undefined],
    ]);
    for (const { time } of entries()) expect(time).to.be.a('number');
  });

  it('warns of a key that is not ours once a minute of an address, with the reason, of forward-auth, too', async () => {
    const { office, entries } = await open();
    const forged = sign(agentClaims(START), 'another secret of thirty-two bytes or so');
    const warnings = () => entries().filter(({ level }) => level === 40);
    await apiOf(office.node.url, forged).get('/v1/verify');
    await apiOf(office.node.url, forged).get('/v1/session');
    expect(warnings()).to.have.length(1);
    expect(warnings()[0]).to.include({
      address: '127.0.0.1',
      code: 'token_invalid',
      reason: 'The token was refused: invalid signature.',
      route: '/v1/verify',
    });
    expect(entries().map(({ level, reason }) => [level, /invalid signature/.test(reason)])).to.deep.equal([
      [40, true],
      [30, true],
    ]);
    office.clock.advance(60_000);
    await cleanup.using(new Tab(office.node.url, forged)).refused();
    expect(warnings().at(-1)).to.include({
      namespace: '/',
      reason: 'The token was refused: invalid signature.',
    });
    await apiOf(office.node.url).get('/v1/verify');
    expect(entries(), 'whoever is nobody yet is asked for, and no word about it').to.have.length(3);
  });

  it('says of what origin a page was that may not call, and cuts it short', async () => {
    const { office, entries } = await open();
    const token = sign(agentClaims(START));
    await apiOf(office.node.url, token).get('/v1/session', { origin: 'http://localhost:4300' });
    await apiOf(office.node.url, token).get('/v1/session', { origin: `http://${'x'.repeat(1_000)}` });
    const tab = new Tab(office.node.url, token, { extraHeaders: { origin: 'http://localhost:4300' } });
    await cleanup.using(tab).refused();
    expect(entries().map(({ code, origin }) => [code, origin])).to.deep.equal([
      ['origin_denied', 'http://localhost:4300'],
      ['origin_denied', `http://${'x'.repeat(193)}`],
      ['origin_denied', 'http://localhost:4300'],
    ]);
  });

  it('says whose connection was dropped, and for what', async () => {
    const { office, entries } = await open();
    const tab = cleanup.using(new Tab(office.node.url, sign(agentClaims(START))));
    await tab.next('session');
    for (let round = 0; round < 40; round += 1) tab.socket.emit('activity', null as never);
    await tab.disconnected();
    expect(entries().at(-1)).to.include({
      address: '127.0.0.1',
      what: 'malformed_connection',
      msg: 'a connection was dropped',
    });
  });

  it('holds a few lines of each address, however often it tries, and more with time', async () => {
    const { office, entries } = await open({ VIGIL_TRUST_PROXY: '127.0.0.1' });
    const tryFrom = async (address: string, times: number) => {
      for (let i = 0; i < times; i += 1)
        await apiOf(office.node.url, 'guess').get('/v1/session', { 'x-forwarded-for': address });
    };
    await tryFrom('203.0.113.7', 40);
    await tryFrom('203.0.113.8', 1);
    const of = (address: string) => entries().filter((entry) => entry.address === address).length;
    expect([of('203.0.113.7'), of('203.0.113.8')]).to.deep.equal([10, 1]);
    office.clock.advance(6_000);
    await tryFrom('203.0.113.7', 3);
    await until(() => of('203.0.113.7') === 11, 'one more line');
  });
});
