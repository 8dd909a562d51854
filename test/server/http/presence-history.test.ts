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
  });
});
