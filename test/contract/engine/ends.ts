import { expect } from 'chai';
import { RETENTION_MS } from '../../../server/engine/engine.ts';
import { deskForEach } from './desk.ts';
import { DAY, HOUR, LEAD, MINUTE, type OpenEngine } from './harness.ts';

export function endsContract(open: OpenEngine): void {
  describe('ends', () => {
    const desk = deskForEach(open);

    it('ends one login by logout and leaves the others', async () => {
      const first = await desk().login('ann');
      const second = await desk().login('ann');
      desk().leap(MINUTE);
      desk().forget();
      expect(await desk().logout(first)).to.equal(true);
      expect(await desk().end(first)).to.deep.equal({
        state: 'ended',
        reason: 'logout',
        endedAt: desk().now,
      });
      expect(await desk().view(second)).to.deep.include({ state: 'active', lastActivityAt: second.loginAt });
      expect(
        desk()
          .eventsOf('session.ended')
          .map(({ data }) => data),
      ).to.deep.equal([
        {
          agent: 'ann',
          sessions: [first.sid],
          reason: 'logout',
          inactivity: null,
          lastActivityAt: first.loginAt,
        },
      ]);
      const pushes = desk().pushes('ended', 'ann');
      expect(pushes.map(({ sids, reason, endedAt }) => ({ sids, reason, endedAt }))).to.deep.equal([
        { sids: [first.sid], reason: 'logout', endedAt: desk().now },
      ]);
      expect(await desk().agent('ann')).to.deep.include({ sessions: 1, signedOutAt: null });
    });

    it('signs an agent out with the last login', async () => {
      const login = await desk().login('ann');
      await desk().logout(login);
      expect(await desk().agent('ann')).to.deep.include({ sessions: 0, signedOutAt: desk().now, logins: [] });
      expect(await desk().engine.agents(desk().account, { after: null, limit: 10 })).to.deep.equal([]);
    });

    it('names who logged an agent out where it was somebody else', async () => {
      const login = await desk().login('ann');
      expect(
        await desk().engine.endSession({ account: desk().account, sid: login.sid, by: 'desk' }),
      ).to.equal(true);
      expect(desk().eventsOf('session.ended')[0]?.data.by).to.equal('desk');
    });

    it('ends a login once', async () => {
      const login = await desk().login('ann');
      const answers = await Promise.all([desk().logout(login), desk().logout(login), desk().logout(login)]);
      expect(answers.toSorted()).to.deep.equal([false, false, true]);
      expect(await desk().logout(login)).to.equal(false);
      expect(desk().eventsOf('session.ended')).to.have.length(1);
    });

    it('refuses an unknown sid that was logged out before it was ever seen', async () => {
      const login = desk().token('ann');
      expect(await desk().logout(login)).to.equal(true);
      expect(await desk().admit(login)).to.deep.equal({ ok: false, code: 'session_ended', reason: 'logout' });
      expect(await desk().engine.session(desk().account, login.sid)).to.deep.include({
        live: false,
        reason: 'logout',
      });
      expect(await desk().logout(login)).to.equal(false);
      expect(desk().eventTypes('ann')).to.deep.equal([]);
    });

    it('signs all of an agent out at the word of a manager', async () => {
      const logins = [await desk().login('ann'), await desk().login('ann')];
      const other = await desk().login('bob');
      desk().leap(MINUTE);
      expect(await desk().signOut('ann')).to.equal(true);
      for (const login of logins) {
        expect(await desk().end(login)).to.deep.equal({
          state: 'ended',
          reason: 'admin',
          endedAt: desk().now,
        });
      }
      const ended = desk()
        .eventsOf('session.ended')
        .map(({ data }) => ({ ...data, sessions: data.sessions.toSorted() }));
      expect(ended).to.deep.equal([
        {
          agent: 'ann',
          sessions: logins.map(({ sid }) => sid).toSorted(),
          reason: 'admin',
          inactivity: null,
          lastActivityAt: logins[1]!.loginAt,
          by: 'boss',
        },
      ]);
      expect((await desk().view(other)).state).to.equal('active');
    });

    it('knows no agent who was never there, and ends nothing twice', async () => {
      expect(await desk().signOut('nobody')).to.equal(false);
      await desk().login('ann');
      await desk().signOut('ann');
      desk().forget();
      await desk().signOut('ann');
      expect(desk().eventsOf('session.ended')).to.deep.equal([]);
    });

    it('takes a warned agent off the queue, whoever ends the session', async () => {
      const logins = [await desk().login('ann'), await desk().login('bob')];
      await desk().idleUntilWarned(logins[0]!);
      await desk().logout(logins[0]!);
      await desk().signOut('bob');
      desk().forget();
      await desk().pass(2 * LEAD);
      expect(desk().emissions()).to.deep.equal([]);
      expect((await desk().end(logins[0]!)).reason).to.equal('logout');
      expect((await desk().end(logins[1]!)).reason).to.equal('admin');
    });

    it('keeps a sid dead that has ended, however it is presented', async () => {
      const ends = {
        logout: (login: { account: string; sid: string }) => desk().engine.endSession(login),
        admin: () => desk().signOut('ann'),
        timeout: async () => {
          desk().leap(2 * DAY);
          await desk().sweep();
          await desk().pass(LEAD);
        },
      };
      for (const [reason, end] of Object.entries(ends)) {
        const login = await desk().login('ann', { permissions: ['manage_security'] });
        await end(login);
        const before = await desk().end(login);
        const refusal = { ok: false, code: 'session_ended', reason };
        expect(await desk().admit(login)).to.deep.equal(refusal);
        const fresh = { ...login, issuedAt: desk().now, loginAt: desk().now };
        expect(await desk().admit(fresh), 'a newer token').to.deep.equal(refusal);
        await desk().type(login);
        expect(await desk().openTab(login, 'a tab')).to.deep.equal(refusal);
        await desk().turnTab(login, 'a tab', true);
        expect(await desk().end(login)).to.deep.equal(before);
        expect(await desk().agent('ann')).to.deep.include({ sessions: 0, tabs: 0, visibleTabs: 0 });
      }
    });

    it('lets the agent begin anew with another sid', async () => {
      const first = await desk().login('ann');
      await desk().signOut('ann');
      const second = await desk().login('ann');
      expect((await desk().view(second)).state).to.equal('active');
      expect((await desk().end(first)).reason).to.equal('admin');
      expect(await desk().agent('ann')).to.deep.include({ sessions: 1, signedOutAt: null });
    });

    it('remembers an ended sid for thirty-one days after each time that it is seen again', async () => {
      await desk().setTimeout(30 * DAY);
      const ended = await desk().login('ann');
      await desk().logout(ended);
      const late = desk().token('bob', { loginAt: desk().now - 30 * DAY });
      await desk().admit(late);
      for (let days = 0; days < 120; days += 30) {
        desk().leap(30 * DAY);
        await desk().sweep();
        const recent = { issuedAt: desk().now, loginAt: desk().now };
        expect(await desk().admit({ ...ended, ...recent }), 'logged out').to.deep.include({
          ok: false,
          reason: 'logout',
        });
        expect(await desk().admit({ ...late, ...recent }), 'too late').to.deep.include({
          ok: false,
          reason: 'timeout',
        });
      }
    });

    it('answers for an agent who is signed out for thirty-one days, with the deadline as it stood', async () => {
      const login = await desk().login('ann', { name: 'Ann' });
      const { deadlineAt } = await desk().view(login);
      desk().leap(HOUR);
      await desk().logout(login);
      const signedOutAt = desk().now;
      desk().leap(RETENTION_MS - HOUR);
      await desk().sweep();
      expect(await desk().agent('ann')).to.deep.include({
        id: 'ann',
        name: 'Ann',
        signedOutAt,
        sessions: 0,
        lastActivityAt: login.loginAt,
        deadlineAt,
      });
      desk().leap(HOUR + MINUTE);
      await desk().sweep();
      expect(await desk().engine.agent(desk().account, 'ann')).to.equal(null);
    });
  });
}
