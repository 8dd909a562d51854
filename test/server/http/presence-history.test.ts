import { expect } from 'chai';
import { cleanupAfterEach } from '../../support/cleanup.ts';
import { expectRefusal, Office, START } from './office.ts';

describe('/v1/presence/history', () => {
  const cleanup = cleanupAfterEach();
  const open = async () => cleanup.using(await Office.open());

  it('tells how many were in which state, from when it was asked for first', async () => {
    const office = await open();
    await office.seat('a', 'b');
    const watcher = office.agent({ sub: 'wil', sid: 'login-of-wil', permissions: ['view_presence'] });
    const { body } = await watcher.get('/v1/presence/history?range=day');
    expect(body).to.deep.equal({
      stepSeconds: 300,
      points: [{ at: START, active: 0, idle: 0, background: 0, offline: 3 }],
    });
    expect((await watcher.get('/v1/presence/history')).body.stepSeconds).to.equal(60);
  });

  it('is for those who may see presence, and knows two ranges', async () => {
    const office = await open();
    expectRefusal(await office.agent().get('/v1/presence/history'), [403, 'forbidden']);
    expectRefusal(await office.manager().get('/v1/presence/history?range=week'), [400, 'bad_request']);
    expectRefusal(await office.agent().get('/v1/agents/a/trail'), [403, 'forbidden']);
  });

  it('tells the states of one agent, and nothing of one whom the account does not have', async () => {
    const office = await open();
    await office.seat('a');
    await office.manager().get('/v1/presence/history');
    office.clock.advance(60_000);
    const { body } = await office.manager().get('/v1/agents/a/trail');
    expect(body).to.deep.equal({ stretches: [{ state: 'offline', from: START, until: START + 60_000 }] });
    expectRefusal(await office.manager().get('/v1/agents/nobody/trail'), [404, 'not_found']);
    const stranger = office.manager({ account: 'other', sid: 'another' });
    expectRefusal(await stranger.get('/v1/agents/a/trail'), [404, 'not_found']);
  });
});
