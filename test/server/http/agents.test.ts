import { createHash } from 'node:crypto';
import { expect } from 'chai';
import type { AgentPresence } from '../../../shared/presence.ts';
import { cleanupAfterEach } from '../../support/cleanup.ts';
import { openTabOf } from '../../support/engine-tab.ts';
import { expectRefusal, Office, START } from './office.ts';

const names = (agents: AgentPresence[]) => agents.map(({ id }) => id);

describe('/v1/agents', () => {
  const cleanup = cleanupAfterEach();
  const open = async () => cleanup.using(await Office.open());
  const watcher = (office: Office) => office.backend({ permissions: ['view_presence'] });

  it('lists who has a session, with what the dashboard shows of each', async () => {
    const office = await open();
    await office.seat('ann');
    const { body } = await watcher(office).get('/v1/agents');
    expect(body).to.deep.equal({
      agents: [
        {
          id: 'ann',
          name: 'ANN',
          state: 'offline',
          stateSince: null,
          tabs: 0,
          sessions: 1,
          lastActivityAt: START,
          deadlineAt: START + 86_400_000,
          endsAt: START + 86_400_000,
          warned: false,
          available: true,
        },
      ],
      next: null,
      counts: { active: 0, idle: 0, background: 0, offline: 1 },
    });
  });

  it('goes on page by page, also where the last one of a page has left meanwhile', async () => {
    const office = await open();
    await office.seat('a', 'b', 'c', 'd', 'zoë/1');
    const first = (await watcher(office).get('/v1/agents?limit=2')).body;
    expect(names(first.agents)).to.deep.equal(['a', 'b']);
    expect(first.counts.offline).to.equal(5);
    await office.manager({ sid: 'm' }).post('/v1/agents/b/sign-out');
    const rest = (await watcher(office).get(`/v1/agents?limit=50&cursor=${first.next}`)).body;
    expect(names(rest.agents)).to.include.members(['c', 'd', 'zoë/1']).and.to.not.include('a');
    expect(rest.next).to.equal(null);
  });

  it('shows the agents of one state, and counts all', async () => {
    const office = await open();
    await office.seat('a', 'b');
    const login = { account: 'acme', agent: 'b', sid: 'login-of-b' };
    await openTabOf(office.node.engine, { ...login, tab: 't' });
    await office.node.engine.updateTabs([{ ...login, tab: 't', visible: true, at: START }]);
    const shown = async (state: string) => (await watcher(office).get(`/v1/agents?state=${state}`)).body;
    expect(names((await shown('active')).agents)).to.deep.equal(['b']);
    expect(names((await shown('offline')).agents)).to.deep.equal(['a']);
    expect((await shown('idle')).agents).to.deep.equal([]);
    expect((await shown('idle')).counts).to.deep.equal({ active: 1, idle: 0, background: 0, offline: 1 });
    office.clock.advance(60_000);
    expect(names((await shown('idle')).agents)).to.deep.equal(['b']);
  });

  it('refuses parameters that mean nothing', async () => {
    const office = await open();
    for (const query of [
      'state=asleep',
      'state=toString',
      'limit=0',
      'limit=-1',
      'limit=x',
      'limit=1e3',
      'cursor=%20',
      'cursor=*',
      'limit=1&limit=2',
    ]) {
      expectRefusal(await watcher(office).get(`/v1/agents?${query}`), [400, 'bad_request']);
    }
    expect((await watcher(office).get('/v1/agents?state=&cursor=&limit=')).status).to.equal(200);
  });

  it('shows one agent with a hash of each sid, never the sid, and whoever has signed out', async () => {
    const office = await open();
    await office.seat('ann');
    const { body } = await watcher(office).get('/v1/agents/ann');
    expect(body).to.include({ id: 'ann', state: 'offline', sessions: 1 });
    const session = createHash('sha256').update('login-of-ann').digest('hex').slice(0, 16);
    expect(body.logins).to.deep.equal([{ session, startedAt: START, tabs: [] }]);
    expect(JSON.stringify(body)).to.not.include('login-of-ann');
    await office.manager().post('/v1/agents/ann/sign-out');
    const gone = (await watcher(office).get('/v1/agents/ann')).body;
    expect(gone).to.include({ state: 'signed_out', available: false, sessions: 0 });
  });

  it('knows nobody of another account, and no id that is none', async () => {
    const office = await open();
    await office.seat('ann');
    const elsewhere = office.manager({ account: 'other' });
    expectRefusal(await elsewhere.get('/v1/agents/ann'), [404, 'not_found']);
    expectRefusal(await elsewhere.post('/v1/agents/ann/sign-out'), [404, 'not_found']);
    expectRefusal(await elsewhere.put('/v1/agents/ann/availability', { available: false }), [
      404,
      'not_found',
    ]);
    expect(names((await elsewhere.get('/v1/agents')).body.agents)).to.deep.equal(['mia']);
    for (const id of ['nobody', '%00', 'a'.repeat(129), '__proto__']) {
      expectRefusal(await office.manager().get(`/v1/agents/${id}`), [404, 'not_found']);
      expectRefusal(await office.manager().post(`/v1/agents/${id}/sign-out`), [404, 'not_found']);
    }
    expectRefusal(await office.manager().get('/v1/agents/%E0%A4%A'), [400, 'bad_request']);
  });

  it('names who is available in auto-assignment with a session alive', async () => {
    const office = await open();
    await office.seat('ann', 'ben', 'cas');
    await office.agent({ sub: 'dan', sid: 'login-of-dan' }).get('/v1/session');
    const ben = office.agent({ sub: 'ben', sid: 'login-of-ben', auto_assign: true });
    await ben.put('/v1/agents/ben/availability', { available: false });
    await office.agent({ sub: 'cas', sid: 'login-of-cas', auto_assign: true }).delete('/v1/session');
    const { body } = await watcher(office).get('/v1/agents/available');
    expect(body).to.deep.equal({ agents: [{ id: 'ann', name: 'ANN' }] });
  });

  describe('sign-out', () => {
    it('ends all sessions of an agent, and says who did it', async () => {
      const office = await open();
      await office.seat('ann');
      expect((await office.manager().post('/v1/agents/ann/sign-out')).status).to.equal(204);
      const refused = await office.agent({ sid: 'login-of-ann' }).get('/v1/session');
      expect(refused.body).to.include({ code: 'session_ended', reason: 'admin' });
      const { events } = (await office.manager().get('/v1/audit?type=session.ended')).body;
      expect(events[0].data).to.include({ agent: 'ann', reason: 'admin', by: 'mia' });
    });
  });

  describe('availability', () => {
    it('is set by the agent or by a manager, and the audit log tells them apart', async () => {
      const office = await open();
      await office.seat('ann');
      const ann = office.agent({ sub: 'ann', sid: 'login-of-ann', auto_assign: true });
      expect((await ann.put('/v1/agents/ann/availability', { available: false })).body).to.deep.equal({
        available: false,
      });
      expect(
        (await office.manager().put('/v1/agents/ann/availability', { available: true })).body,
      ).to.deep.equal({ available: true });
      const { events } = (
        await office.manager().get('/v1/audit?type=agent.available,agent.unavailable&agent=ann')
      ).body;
      const told = events.map(({ type, data }: { type: string; data: { cause: string } }) => [
        type,
        data.cause,
      ]);
      expect(told).to.deep.equal([
        ['agent.available', 'admin'],
        ['agent.unavailable', 'agent'],
      ]);
    });

    it('can be set for one who is signed out', async () => {
      const office = await open();
      await office.seat('ann');
      await office.manager().post('/v1/agents/ann/sign-out');
      expect(
        (await office.manager().put('/v1/agents/ann/availability', { available: true })).status,
      ).to.equal(200);
    });

    it('is refused for another agent, for one who takes no part, and for too many changes', async () => {
      const office = await open();
      await office.seat('ann', 'ben');
      const ann = office.agent({ sub: 'ann', sid: 'login-of-ann', auto_assign: true });
      expectRefusal(await ann.put('/v1/agents/ben/availability', { available: false }), [403, 'forbidden']);
      expectRefusal(await ann.put('/v1/agents/nobody/availability', { available: false }), [
        403,
        'forbidden',
      ]);
      expectRefusal(await office.manager().put('/v1/agents/mia/availability', { available: true }), [
        409,
        'not_participating',
      ]);
      for (let change = 0; change < 10; change++)
        await ann.put('/v1/agents/ann/availability', { available: change % 2 === 1 });
      expectRefusal(await ann.put('/v1/agents/ann/availability', { available: false }), [
        429,
        'rate_limited',
      ]);
    });

    it('takes a boolean and nothing else', async () => {
      const office = await open();
      await office.seat('ann');
      for (const body of [{}, { available: 'true' }, { available: null }, []]) {
        expectRefusal(await office.manager().put('/v1/agents/ann/availability', body), [422, 'invalid']);
      }
    });
  });
});
