import { expect } from 'chai';
import { AVAILABILITY_CHANGES_PER_MINUTE, RETENTION_MS } from '../../../server/engine/engine.ts';
import { deskForEach } from './desk.ts';
import { DAY, LEAD, MINUTE, type OpenEngine } from './harness.ts';

export function availabilityContract(open: OpenEngine): void {
  describe('availability', () => {
    const desk = deskForEach(open);

    const told = () =>
      desk()
        .events()
        .filter(({ type }) => type.startsWith('agent.'))
        .map(({ type, data }) => ({ type, ...data }));

    it('is set by the agent, and told with who did it', async () => {
      const login = await desk().login('ann', { autoAssign: true });
      desk().forget();
      expect(await desk().setAvailable('ann', false)).to.deep.equal({ ok: true, available: false });
      expect((await desk().view(login)).available).to.equal(false);
      expect(desk().pushes('session', 'ann').at(-1)?.session).to.deep.equal(await desk().view(login));
      expect(await desk().setAvailable('ann', true)).to.deep.equal({ ok: true, available: true });
      expect((await desk().agent('ann')).available).to.equal(true);
      const [off, on, ...more] = told();
      expect(more).to.deep.equal([]);
      expect(off).to.deep.include({ type: 'agent.unavailable', agent: 'ann', cause: 'agent' });
      expect(on).to.deep.include({ type: 'agent.available', agent: 'ann', cause: 'agent' });
    });

    it('is set by a manager, whose name stands in the event', async () => {
      await desk().login('ann', { autoAssign: true });
      await desk().setAvailable('ann', false, 'admin');
      expect(told()).to.deep.equal([{ type: 'agent.unavailable', agent: 'ann', cause: 'admin', by: 'boss' }]);
    });

    it('is no activity', async () => {
      const login = await desk().login('ann', { autoAssign: true });
      await desk().idleUntilWarned(login);
      await desk().setAvailable('ann', false);
      expect(await desk().view(login)).to.deep.include({ state: 'warning', lastActivityAt: login.loginAt });
    });

    it('writes nothing where nothing changes', async () => {
      await desk().login('ann', { autoAssign: true });
      desk().forget();
      for (let calls = 0; calls < 20; calls += 1) {
        expect(await desk().setAvailable('ann', true)).to.deep.equal({ ok: true, available: true });
      }
      expect(desk().emissions()).to.deep.equal([]);
    });

    it('is refused to who takes no part in auto-assignment, and of unknown agents', async () => {
      await desk().login('ann');
      desk().forget();
      expect(await desk().setAvailable('ann', true)).to.deep.equal({ ok: false, code: 'not_participating' });
      expect(await desk().setAvailable('nobody', true)).to.deep.equal({ ok: false, code: 'not_found' });
      expect((await desk().agent('ann')).available).to.equal(null);
      expect(await desk().engine.agent(desk().account, 'nobody')).to.equal(null);
      expect(desk().emissions()).to.deep.equal([]);
    });

    it('changes at most ten times a minute', async () => {
      await desk().login('ann', { autoAssign: true });
      await desk().login('bob', { autoAssign: true });
      for (let change = 1; change <= AVAILABILITY_CHANGES_PER_MINUTE; change += 1) {
        expect((await desk().setAvailable('ann', change % 2 === 0)).ok, `change ${change}`).to.equal(true);
      }
      desk().forget();
      expect(await desk().setAvailable('ann', false)).to.deep.equal({ ok: false, code: 'rate_limited' });
      expect((await desk().agent('ann')).available).to.equal(true);
      expect(desk().emissions()).to.deep.equal([]);
      expect(await desk().setAvailable('bob', false), 'another agent').to.deep.equal({
        ok: true,
        available: false,
      });
      desk().leap(MINUTE + 1);
      expect(await desk().setAvailable('ann', false)).to.deep.equal({ ok: true, available: false });
    });

    it('is lost at the moment of a timeout, in the same step as the end', async () => {
      const login = await desk().login('ann', { autoAssign: true });
      await desk().idleUntilWarned(login);
      expect((await desk().view(login)).available, 'while warned').to.equal(true);
      await desk().pass(LEAD);
      expect((await desk().agent('ann')).available).to.equal(false);
      expect(told()).to.deep.equal([{ type: 'agent.unavailable', agent: 'ann', cause: 'timeout' }]);
      const step = desk()
        .emissions()
        .find(({ events }) => events.some(({ type }) => type === 'session.ended'));
      expect(step?.events.map(({ type }) => type)).to.have.members(['session.ended', 'agent.unavailable']);
    });

    it('says nothing of availability at the timeout of who was unavailable or takes no part', async () => {
      const ann = await desk().login('ann', { autoAssign: true });
      await desk().login('bob');
      await desk().setAvailable('ann', false);
      desk().forget();
      await desk().idleUntilWarned(ann);
      await desk().pass(LEAD);
      expect(desk().eventsOf('session.ended')).to.have.length(2);
      expect(told()).to.deep.equal([]);
      expect((await desk().agent('bob')).available).to.equal(null);
    });

    it('stays lost after a timeout until it is set again, also over the next login', async () => {
      const login = await desk().login('ann', { autoAssign: true });
      await desk().idleUntilWarned(login);
      await desk().pass(LEAD);
      const next = await desk().login('ann', { autoAssign: true });
      expect((await desk().view(next)).available).to.equal(false);
      await desk().setAvailable('ann', true);
      expect((await desk().view(next)).available).to.equal(true);
    });

    it('is lost when a manager signs the agent out', async () => {
      await desk().login('ann', { autoAssign: true });
      await desk().signOut('ann');
      expect((await desk().agent('ann')).available).to.equal(false);
      expect(told()).to.deep.equal([{ type: 'agent.unavailable', agent: 'ann', cause: 'admin', by: 'boss' }]);
    });

    it("is left alone by the agent's own logout", async () => {
      const login = await desk().login('ann', { autoAssign: true });
      await desk().logout(login);
      expect((await desk().agent('ann')).available).to.equal(true);
      expect(told()).to.deep.equal([]);
    });

    it('can be set for an agent who is signed out, for thirty-one days', async () => {
      const login = await desk().login('ann', { autoAssign: true });
      await desk().logout(login);
      desk().leap(30 * DAY);
      await desk().sweep();
      expect(await desk().setAvailable('ann', false, 'admin')).to.deep.equal({ ok: true, available: false });
      expect(await desk().agent('ann')).to.deep.include({ sessions: 0, available: false });
      desk().leap(RETENTION_MS - 30 * DAY + MINUTE);
      await desk().sweep();
      expect(await desk().setAvailable('ann', true, 'admin')).to.deep.equal({ ok: false, code: 'not_found' });
    });
  });
}
