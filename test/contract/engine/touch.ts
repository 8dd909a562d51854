import { expect } from 'chai';
import { deskForEach } from './desk.ts';
import { DEFAULT_TIMEOUT, HOUR, LEAD, MINUTE, type OpenEngine, SECOND } from './harness.ts';

export function touchContract(open: OpenEngine): void {
  describe('input', () => {
    const desk = deskForEach(open);

    it('pushes the deadline back, and says nothing about it', async () => {
      const login = await desk().login('ann');
      desk().leap(HOUR);
      desk().forget();
      const at = desk().now - 3 * SECOND;
      await desk().type(login, at);
      expect(await desk().view(login)).to.deep.include({
        lastActivityAt: at,
        deadlineAt: at + DEFAULT_TIMEOUT,
        endsAt: at + DEFAULT_TIMEOUT,
        warnAt: at + DEFAULT_TIMEOUT - LEAD,
      });
      expect(desk().emissions()).to.deep.equal([]);
    });

    it('counts for all sessions of the agent', async () => {
      const first = await desk().login('ann');
      const second = await desk().login('ann');
      desk().leap(HOUR);
      await desk().type(first);
      expect(await desk().view(second)).to.deep.equal(await desk().view(first));
      expect((await desk().view(second)).lastActivityAt).to.equal(desk().now);
    });

    it('never moves the last activity back, in whatever order and how often reports arrive', async () => {
      const login = await desk().login('ann');
      desk().leap(HOUR);
      const at = desk().now;
      const { account, agent, sid } = login;
      const reports = [-20, -5, -40, -5, -30].map((s) => ({ account, agent, sid, at: at + s * SECOND }));
      await desk().engine.touch(reports);
      await desk().type(login, at - 10 * SECOND);
      await desk().type(login, login.loginAt - DEFAULT_TIMEOUT);
      expect((await desk().view(login)).lastActivityAt).to.equal(at - 5 * SECOND);
    });

    it('is never in the future: a report ahead of engine time counts as now', async () => {
      const login = await desk().login('ann');
      desk().leap(MINUTE);
      await desk().type(login, desk().now + HOUR);
      expect((await desk().view(login)).lastActivityAt).to.equal(desk().now);
    });

    it('keeps a warned agent, and tells every tab', async () => {
      const login = await desk().login('ann');
      const warned = await desk().idleUntilWarned(login);
      await desk().pass(20 * SECOND);
      desk().forget();
      await desk().type(login);
      const at = desk().now;
      const view = await desk().view(login);
      expect(view).to.deep.include({ state: 'active', lastActivityAt: at, endsAt: at + DEFAULT_TIMEOUT });
      expect(view.rev).to.be.greaterThan(warned.rev);
      expect(
        desk()
          .pushes('session', 'ann')
          .map(({ session }) => session),
      ).to.deep.equal([view]);
      expect(
        desk()
          .eventsOf('session.resumed')
          .map(({ data, at: eventAt }) => ({ ...data, eventAt })),
      ).to.deep.equal([{ agent: 'ann', lastActivityAt: at, deadlineAt: at + DEFAULT_TIMEOUT, eventAt: at }]);
      await desk().pass(2 * LEAD);
      expect((await desk().view(login)).state).to.equal('active');
      expect(desk().eventTypes('ann')).to.deep.equal(['session.resumed']);
    });

    it('moves only the end of a warned agent when a late report leaves the warning due', async () => {
      const login = await desk().login('ann');
      const warned = await desk().idleUntilWarned(login);
      await desk().pass(20 * SECOND);
      desk().forget();
      const at = login.loginAt + 5 * SECOND;
      await desk().type(login, at);
      const view = await desk().view(login);
      expect(view).to.deep.include({
        state: 'warning',
        lastActivityAt: at,
        endsAt: warned.endsAt + 5 * SECOND,
      });
      expect(desk().eventTypes()).to.deep.equal([]);
      expect(
        desk()
          .pushes('session', 'ann')
          .map(({ session }) => session),
      ).to.deep.equal([view]);
      await desk().pass(view.endsAt - desk().now - 1);
      await desk().view(login);
      await desk().pass(1);
      expect((await desk().end(login)).endedAt).to.equal(view.endsAt);
    });

    it('says nothing to a warned agent of a report that moves nothing', async () => {
      const login = await desk().login('ann');
      const warned = await desk().idleUntilWarned(login);
      desk().forget();
      await desk().type(login, login.loginAt);
      expect(desk().emissions()).to.deep.equal([]);
      expect(await desk().view(login)).to.deep.equal(warned);
    });

    it('counts when it arrives before the end was carried out, however late that is', async () => {
      const login = await desk().login('ann');
      const { endsAt } = await desk().idleUntilWarned(login);
      desk().leap(endsAt - desk().now + SECOND);
      await desk().type(login);
      await desk().sweep();
      expect(await desk().view(login)).to.deep.include({ state: 'active', lastActivityAt: endsAt + SECOND });
    });

    it('counts before the warning was carried out, and then there is none', async () => {
      const login = await desk().login('ann');
      desk().leap(DEFAULT_TIMEOUT);
      await desk().type(login);
      await desk().sweep();
      expect(desk().eventTypes('ann')).to.deep.equal(['session.started']);
    });

    it('changes nothing from a sid that has ended, also for an agent who is at work with another', async () => {
      const dead = await desk().login('ann');
      const alive = await desk().login('ann');
      await desk().logout(dead);
      desk().leap(MINUTE);
      await desk().type(dead);
      expect((await desk().view(alive)).lastActivityAt).to.equal(alive.loginAt);
      await desk().logout(alive);
      desk().leap(MINUTE);
      await desk().type(alive);
      expect((await desk().end(alive)).reason).to.equal('logout');
      expect(await desk().agent('ann')).to.deep.include({ sessions: 0, lastActivityAt: alive.loginAt });
    });

    it('changes nothing from a stranger: an unknown sid, an unknown agent, a sid of somebody else', async () => {
      const ann = await desk().login('ann');
      const bob = await desk().login('bob');
      const before = [await desk().view(ann), await desk().view(bob)];
      desk().leap(MINUTE);
      desk().forget();
      await desk().type({ ...ann, sid: 'never-seen' });
      await desk().type({ ...ann, agent: 'nobody' });
      await desk().type({ ...ann, sid: bob.sid });
      await desk().type({ ...ann, account: `${ann.account}-other` });
      expect([await desk().view(ann), await desk().view(bob)]).to.deep.equal(before);
      expect(desk().emissions()).to.deep.equal([]);
      expect(await desk().engine.agent(desk().account, 'nobody')).to.equal(null);
    });

    it('takes the good reports of a batch that holds bad ones', async () => {
      const ann = await desk().login('ann');
      const bob = await desk().login('bob');
      desk().leap(MINUTE);
      const at = desk().now;
      const { account } = desk();
      await desk().engine.touch([
        { account, agent: 'nobody', sid: 'never-seen', at },
        { account, agent: 'ann', sid: ann.sid, at },
        { account, agent: 'ann', sid: bob.sid, at },
        { account, agent: 'bob', sid: bob.sid, at: at - SECOND },
      ]);
      await desk().engine.touch([]);
      expect((await desk().view(ann)).lastActivityAt).to.equal(at);
      expect((await desk().view(bob)).lastActivityAt).to.equal(at - SECOND);
    });
  });
}
