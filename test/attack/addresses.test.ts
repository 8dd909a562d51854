import { expect } from 'chai';
import { Office } from '../server/http/office.ts';
import { apiOf } from '../support/api.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { Tab } from '../support/tab.ts';
import { agentClaims, sign } from '../support/tokens.ts';

/** What an address may try at once; see docs/limits.md. */
const BURST = 300;

describe('the limit of an address', () => {
  const cleanup = cleanupAfterEach();

  /** Refused calls by HTTP, so many that one more is too many. */
  async function exhaust(office: Office, forwarded?: (index: number) => string): Promise<void> {
    for (let index = 0; index < BURST; index += 1) {
      const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded(index) };
      const { body } = await apiOf(office.node.url, 'guess').get('/v1/session', headers);
      expect(body.code).to.equal('token_invalid');
    }
  }
  const next = async (office: Office, headers: Record<string, string> = {}) =>
    (await apiOf(office.node.url, 'guess').get('/v1/session', headers)).body.code;

  it('is not got round by saying that one is somebody else, where no proxy is trusted', async () => {
    const office = cleanup.using(await Office.open());
    await exhaust(office, (index) => `198.51.100.${index % 250}`);
    for (const name of [
      'x-forwarded-for',
      'x-real-ip',
      'forwarded',
      'x-client-ip',
      'cf-connecting-ip',
      'true-client-ip',
    ])
      expect(await next(office, { [name]: '203.0.113.77' }), name).to.equal('rate_limited');
  });

  it('is not got round by what a client writes before the trusted proxy adds its own', async () => {
    const office = cleanup.using(await Office.open({ VIGIL_TRUST_PROXY: '127.0.0.1' }));
    await exhaust(office, (index) => `198.51.100.${index % 250}, 203.0.113.7`);
    expect(await next(office, { 'x-forwarded-for': '127.0.0.1, 203.0.113.7' })).to.equal('rate_limited');
    expect(await next(office, { 'x-forwarded-for': '203.0.113.8' }), 'another client').to.equal(
      'token_invalid',
    );
  });

  it('is not got round by the addresses that a network of IPv6 has', async () => {
    const office = cleanup.using(await Office.open({ VIGIL_TRUST_PROXY: '127.0.0.1' }));
    await exhaust(office, (index) => `2001:db8:1:2::${index.toString(16)}`);
    expect(await next(office, { 'x-forwarded-for': '2001:db8:1:2:ffff::1' })).to.equal('rate_limited');
    expect(await next(office, { 'x-forwarded-for': '2001:db8:1:3::1' })).to.equal('token_invalid');
  });

  it('holds nobody up who comes with a good token from there, by HTTP or on a socket', async () => {
    const office = cleanup.using(await Office.open());
    await exhaust(office);
    expect(await next(office)).to.equal('rate_limited');
    expect((await office.agent({ sid: 'good' }).get('/v1/session')).status).to.equal(200);
    const tab = cleanup.using(
      new Tab(office.node.url, sign(agentClaims(office.clock.now(), { sid: 'good' }))),
    );
    await tab.next('session');
  });

  it('counts sockets as calls are counted, each for itself, and lets an address in again with time', async () => {
    const office = cleanup.using(await Office.open());
    const codes: string[] = [];
    for (let index = 0; index <= BURST; index += 1)
      codes.push((await cleanup.using(new Tab(office.node.url, 'guess')).refused()).code);
    expect(codes.filter((code) => code === 'token_invalid')).to.have.length(BURST);
    expect(codes.at(-1)).to.equal('rate_limited');
    expect(await next(office), 'by HTTP').to.equal('token_invalid');
    office.clock.advance(1_000);
    expect((await cleanup.using(new Tab(office.node.url, 'guess')).refused()).code).to.equal('token_invalid');
  });
});

describe('the limit of an agent', () => {
  const cleanup = cleanupAfterEach();

  it('is ten changes of availability a minute, on whatever socket or call', async () => {
    const office = cleanup.using(await Office.open());
    const claims = { sub: 'ann', auto_assign: true };
    const tab = cleanup.using(new Tab(office.node.url, sign(agentClaims(office.clock.now(), claims))));
    await tab.next('session');
    const answers: unknown[] = [];
    for (let index = 0; index < 10; index += 1) answers.push(await tab.availability(index % 2 === 1));
    expect(answers.every((answer) => (answer as { ok: boolean }).ok)).to.equal(true);
    expect(await tab.availability(false)).to.deep.equal({ ok: false, code: 'rate_limited' });
    const byHttp = await office.agent(claims).put('/v1/agents/ann/availability', { available: false });
    expect([byHttp.status, byHttp.body.code]).to.deep.equal([429, 'rate_limited']);
  });
});
