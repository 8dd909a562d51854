import { expect } from 'chai';
import { deskForEach } from './desk.ts';
import { DEFAULT_TIMEOUT, HOUR, LEAD, MINUTE, type OpenEngine, SECOND } from './harness.ts';

export function sweepContract(open: OpenEngine): void {
  describe('the sweep', () => {
    const desk = deskForEach(open);

    it('warns when the lead before the deadline is reached, not before', async () => {
      const login = await desk().login('ann');
      desk().leap(DEFAULT_TIMEOUT - LEAD - 1);
      await desk().sweep();
      expect((await desk().view(login)).state).to.equal('active');
      desk().forget();
      desk().leap(1);
      await desk().sweep();
      const view = await desk().view(login);
      const { lastActivityAt, deadlineAt, endsAt, rev } = view;
      expect(view).to.deep.include({ state: 'warning', lastActivityAt: login.loginAt });
      expect([deadlineAt, endsAt]).to.deep.equal([desk().now + LEAD, desk().now + LEAD]);
      expect(desk().pushes('warning', 'ann')).to.deep.equal([{ type: 'warning', rev, deadlineAt, endsAt }]);
      expect(
        desk()
          .events()
          .map(({ type, at, data }) => ({ type, at, data })),
      ).to.deep.equal([
        {
          type: 'session.warned',
          at: desk().now,
          data: { agent: 'ann', lastActivityAt, deadlineAt, endsAt },
        },
      ]);
    });

    it('ends when the end is reached, not before, and all sessions together', async () => {
      const logins = [await desk().login('ann'), await desk().login('ann'), await desk().login('ann')];
      const { endsAt } = await desk().idleUntilWarned(logins[0]!);
      await desk().pass(LEAD - 1);
      for (const login of logins) await desk().view(login);
      desk().forget();
      await desk().pass(1);
      for (const login of logins) {
        expect(await desk().end(login)).to.deep.equal({ state: 'ended', reason: 'timeout', endedAt: endsAt });
      }
      const sids = logins.map(({ sid }) => sid).sort();
      const [ended, ...more] = desk().eventsOf('session.ended');
      expect(more).to.deep.equal([]);
      expect(ended?.at).to.equal(endsAt);
      expect({ ...ended?.data, sessions: ended?.data.sessions.toSorted() }).to.deep.equal({
        agent: 'ann',
        sessions: sids,
        reason: 'timeout',
        inactivity: 'not_open',
        lastActivityAt: logins[2]!.loginAt,
      });
      const pushes = desk().pushes('ended', 'ann');
      expect(pushes.flatMap((push) => push.sids).sort()).to.deep.equal(sids);
      for (const push of pushes) expect(push).to.deep.include({ reason: 'timeout', endedAt: endsAt });
    });

    it('warns and ends each at their own moment, also where others of the account are due', async () => {
      const ann = await desk().login('ann');
      desk().leap(1);
      const bob = await desk().login('bob');
      await desk().idleUntilWarned(ann);
      expect((await desk().view(bob)).state).to.equal('active');
      await desk().pass(LEAD);
      await desk().end(ann);
      await desk().view(bob);
      await desk().pass(1);
      await desk().end(bob);
    });

    it('ends a session once', async () => {
      const login = await desk().login('ann');
      await desk().idleUntilWarned(login);
      await desk().pass(LEAD);
      await desk().end(login);
      desk().forget();
      await desk().pass(10 * SECOND);
      desk().leap(2 * DEFAULT_TIMEOUT);
      await desk().sweep();
      expect(desk().emissions()).to.deep.equal([]);
    });

    it('happens once, however many nodes sweep at the same time', async () => {
      const login = await desk().login('ann', { autoAssign: true });
      desk().leap(DEFAULT_TIMEOUT - LEAD);
      const together = () => Promise.all(Array.from({ length: 8 }, () => desk().engine.sweep()));
      await together();
      await desk().pass(LEAD - 1);
      desk().leap(1);
      await together();
      await desk().end(login);
      const types = desk().eventTypes().sort();
      expect(types).to.deep.equal([
        'agent.unavailable',
        'session.ended',
        'session.started',
        'session.warned',
      ]);
    });

    it('either ends a session or lets the input of the same moment save it, never both', async () => {
      const login = await desk().login('ann');
      const { endsAt } = await desk().idleUntilWarned(login);
      await desk().pass(LEAD - 1);
      desk().forget();
      desk().leap(1);
      await Promise.all([
        desk().engine.sweep(),
        desk().type(login),
        desk().engine.sweep(),
        desk().type(login),
      ]);
      const seen = await desk().look(login);
      if (seen?.state === 'ended') {
        expect(seen.endedAt).to.equal(endsAt);
        expect(desk().eventTypes('ann')).to.deep.equal(['session.ended']);
      } else {
        expect(seen).to.deep.include({ state: 'active', lastActivityAt: endsAt });
        expect(desk().eventTypes('ann')).to.deep.equal(['session.resumed']);
      }
    });

    it('writes the events of a life in their order, each with its own moment', async () => {
      const login = await desk().login('ann', { autoAssign: true });
      const warnedAt = (await desk().idleUntilWarned(login)).warnAt;
      await desk().pass(10 * SECOND);
      await desk().type(login);
      const { endsAt, warnAt } = await desk().idleUntilWarned(login);
      await desk().pass(LEAD);
      const told = desk()
        .events('ann')
        .map(({ type, at }) => [type, at] as const);
      expect(told.slice(0, 4)).to.deep.equal([
        ['session.started', login.loginAt],
        ['session.warned', warnedAt],
        ['session.resumed', warnedAt + 10 * SECOND],
        ['session.warned', warnAt],
      ]);
      expect(told.slice(4).sort()).to.deep.equal([
        ['agent.unavailable', endsAt],
        ['session.ended', endsAt],
      ]);
    });

    it('raises rev with every transition, also from one session to the next', async () => {
      const login = await desk().login('ann', { autoAssign: true });
      const revs = [(await desk().view(login)).rev];
      revs.push((await desk().idleUntilWarned(login)).rev);
      await desk().type(login);
      revs.push((await desk().view(login)).rev);
      await desk().setAvailable('ann', false);
      revs.push((await desk().view(login)).rev);
      revs.push((await desk().idleUntilWarned(login)).rev);
      await desk().pass(LEAD);
      revs.push(desk().pushes('ended', 'ann')[0]!.rev);
      revs.push((await desk().view(await desk().login('ann'))).rev);
      const rising = revs.every((rev, index) => index === 0 || rev > revs[index - 1]!);
      expect(rising, revs.join(' ')).to.equal(true);
    });

    it('answers no later than the next due moment, as things stand', async () => {
      const ann = await desk().login('ann');
      desk().leap(HOUR);
      const bob = await desk().login('bob');
      expect(await desk().sweep()).to.be.at.most((await desk().view(ann)).warnAt);
      await desk().type(ann);
      expect(await desk().sweep()).to.be.at.most((await desk().view(bob)).warnAt);
      const { endsAt } = await desk().idleUntilWarned(ann);
      expect(await desk().sweep()).to.be.at.most(endsAt);
    });

    it('tells its sleeper of whatever became due sooner', async () => {
      const told: number[] = [];
      await desk().sweep();
      const unsubscribe = desk().engine.onDueSooner((dueAt) => told.push(dueAt));
      const login = await desk().login('ann');
      expect(told, 'a first session').to.have.length.greaterThan(0);
      expect(Math.min(...told)).to.be.at.most((await desk().view(login)).warnAt);
      const dueAt = await desk().sweep();
      told.length = 0;
      await desk().setTimeout(15 * MINUTE);
      expect(dueAt).to.be.greaterThan((await desk().view(login)).warnAt);
      expect(told, 'a shorter timeout').to.have.length.greaterThan(0);
      expect(Math.min(...told)).to.be.at.most((await desk().view(login)).warnAt);
      unsubscribe();
      await desk().sweep();
      told.length = 0;
      await desk().login('bob', { loginAt: desk().now - 10 * MINUTE });
      expect(told, 'after unsubscribing').to.deep.equal([]);
    });
  });
}
