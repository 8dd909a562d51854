import { expect } from 'chai';
import { MAX_SESSIONS } from '../../../server/engine/engine.ts';
import { deskForEach } from './desk.ts';
import { DEFAULT_TIMEOUT, HOUR, LEAD, MINUTE, type OpenEngine, SECOND } from './harness.ts';

export function admissionContract(open: OpenEngine): void {
  describe('admission', () => {
    const desk = deskForEach(open);

    it('begins a session at the first sight of a sid, with the login as its first activity', async () => {
      const loginAt = desk().now - 5 * MINUTE;
      const login = desk().token('ann', { loginAt });
      const admission = await desk().admit(login);
      expect(admission).to.deep.include({ ok: true, permissions: [] });
      expect(await desk().view(login)).to.deep.include({
        state: 'active',
        lastActivityAt: loginAt,
        deadlineAt: loginAt + DEFAULT_TIMEOUT,
        endsAt: loginAt + DEFAULT_TIMEOUT,
        warnAt: loginAt + DEFAULT_TIMEOUT - LEAD,
        timeoutMs: DEFAULT_TIMEOUT,
        leadMs: LEAD,
        available: null,
      });
      if (admission.ok) expect(admission.session).to.deep.equal(await desk().view(login));
      const [started, ...more] = desk().events();
      expect(more).to.deep.equal([]);
      expect(started).to.deep.include({ type: 'session.started', account: desk().account, at: desk().now });
      expect(started?.data).to.deep.equal({ agent: 'ann', session: login.sid, loginAt });
    });

    it('begins it once, however often and from however many sides the sid is seen', async () => {
      const login = desk().token('ann');
      const admissions = await Promise.all(Array.from({ length: 20 }, () => desk().admit(login)));
      expect(admissions.every((admission) => admission.ok)).to.equal(true);
      expect(desk().eventTypes()).to.deep.equal(['session.started']);
      expect((await desk().agent('ann')).sessions).to.equal(1);
    });

    it('takes no newer token of a known sid for activity', async () => {
      const login = await desk().login('ann');
      const { lastActivityAt } = await desk().view(login);
      desk().leap(10 * MINUTE);
      // A host that refreshes tokens without auth_time: its newest iat looks like a login of now.
      await desk().admit({ ...login, issuedAt: desk().now, loginAt: desk().now });
      expect((await desk().view(login)).lastActivityAt).to.equal(lastActivityAt);
      expect(desk().eventTypes()).to.deep.equal(['session.started']);
    });

    it('does not resume a warned agent for a newer token of a known sid', async () => {
      const login = await desk().login('ann');
      const warned = await desk().idleUntilWarned(login);
      await desk().admit({ ...login, issuedAt: desk().now, loginAt: desk().now });
      expect(await desk().view(login)).to.deep.include({ state: 'warning', endsAt: warned.endsAt });
    });

    it('keeps a sid with the agent it was first seen with', async () => {
      const login = await desk().login('ann');
      expect(await desk().admit({ ...login, agent: 'bob' })).to.deep.equal({
        ok: false,
        code: 'token_invalid',
      });
      expect(await desk().engine.agent(desk().account, 'bob')).to.equal(null);
      expect(await desk().engine.session(desk().account, login.sid)).to.deep.include({
        agent: 'ann',
        live: true,
      });
      expect(desk().eventTypes()).to.deep.equal(['session.started']);
      await desk().logout(login);
      expect((await desk().admit({ ...login, agent: 'bob' })).ok, 'after the end').to.equal(false);
    });

    it('counts a login ahead of the engine clock as now', async () => {
      const now = desk().now;
      const login = await desk().login('ann', { loginAt: now + 50 * SECOND, issuedAt: now + 50 * SECOND });
      expect((await desk().view(login)).lastActivityAt).to.equal(now);
    });

    it('counts another login of a live agent as activity for all their sessions', async () => {
      const first = await desk().login('ann');
      desk().leap(10 * MINUTE);
      desk().forget();
      const second = await desk().login('ann', { loginAt: desk().now - MINUTE });
      expect((await desk().view(first)).lastActivityAt).to.equal(second.loginAt);
      expect(await desk().view(first)).to.deep.equal(await desk().view(second));
      expect(desk().pushes('session', 'ann').at(-1)?.session).to.deep.equal(await desk().view(first));
      expect((await desk().agent('ann')).sessions).to.equal(2);
    });

    it('never lowers the last activity by an older login that is seen late', async () => {
      const first = await desk().login('ann');
      const second = await desk().login('ann', { loginAt: first.loginAt - 5 * MINUTE });
      expect((await desk().view(second)).lastActivityAt).to.equal(first.loginAt);
    });

    it('resumes a warned agent who logs in once more', async () => {
      const first = await desk().login('ann');
      await desk().idleUntilWarned(first);
      desk().forget();
      const second = await desk().login('ann');
      expect(desk().eventTypes('ann').sort()).to.deep.equal(['session.resumed', 'session.started']);
      for (const login of [first, second]) {
        expect(await desk().view(login)).to.deep.include({ state: 'active', lastActivityAt: second.loginAt });
      }
      expect(desk().pushes('session', 'ann').at(-1)?.session.state).to.equal('active');
    });

    it('leaves a warned agent warned when the other login is as old as their last activity', async () => {
      const first = await desk().login('ann');
      await desk().idleUntilWarned(first);
      await desk().pass(10 * SECOND);
      const second = await desk().login('ann', { loginAt: first.loginAt });
      expect((await desk().view(second)).state).to.equal('warning');
      expect(desk().eventTypes('ann')).not.to.include('session.resumed');
    });

    it('begins nothing for a login that lies a whole timeout back, now and later', async () => {
      const login = desk().token('ann', { loginAt: desk().now - DEFAULT_TIMEOUT });
      const refusal = { ok: false, code: 'session_ended', reason: 'timeout' };
      expect(await desk().admit(login)).to.deep.equal(refusal);
      expect(desk().events()).to.deep.equal([]);
      expect(await desk().engine.agents(desk().account, { after: null, limit: 10 })).to.deep.equal([]);
      await desk().setTimeout(2 * DEFAULT_TIMEOUT);
      expect(await desk().admit(login), 'under a longer timeout').to.deep.equal(refusal);
      const refreshed = { ...login, issuedAt: desk().now, loginAt: desk().now };
      expect(await desk().admit(refreshed), 'with a newer token').to.deep.equal(refusal);
      expect(await desk().engine.session(desk().account, login.sid)).to.deep.include({
        live: false,
        reason: 'timeout',
      });
    });

    it('begins nothing for such a login of an agent who is at work elsewhere, and leaves them alone', async () => {
      const alive = await desk().login('ann');
      const before = await desk().view(alive);
      const old = desk().token('ann', { loginAt: desk().now - DEFAULT_TIMEOUT });
      expect(await desk().admit(old)).to.deep.include({ ok: false, reason: 'timeout' });
      expect(await desk().view(alive)).to.deep.equal(before);
      expect((await desk().agent('ann')).sessions).to.equal(1);
    });

    it('begins a session for a login just short of a timeout back, and warns it for a whole lead', async () => {
      const login = await desk().login('ann', { loginAt: desk().now - DEFAULT_TIMEOUT + 1 });
      await desk().sweep();
      expect(await desk().view(login)).to.deep.include({ state: 'warning', endsAt: desk().now + LEAD });
      await desk().pass(LEAD - 1);
      await desk().view(login);
      await desk().pass(1);
      expect(await desk().end(login)).to.deep.include({ reason: 'timeout', endedAt: desk().now });
    });

    it('goes on with a known sid however far back its login lies', async () => {
      const login = await desk().login('ann');
      for (let hours = 0; hours < 30; hours += 10) {
        desk().leap(10 * HOUR);
        await desk().sweep();
        await desk().type(login);
      }
      expect((await desk().admit(login)).ok).to.equal(true);
    });

    it('ends the oldest login with one more than fifty live ones, and no other', async () => {
      const now = desk().now;
      const ages = Array.from({ length: MAX_SESSIONS }, (_, index) => ((index * 7) % MAX_SESSIONS) + 1);
      const logins = [];
      for (const age of ages) logins.push(await desk().login('ann', { loginAt: now - age * SECOND }));
      expect((await desk().agent('ann')).sessions).to.equal(MAX_SESSIONS);
      expect(desk().eventTypes('ann')).not.to.include('session.ended');
      const oldest = logins[ages.indexOf(MAX_SESSIONS)]!;
      desk().forget();
      const newest = await desk().login('ann');
      expect(await desk().end(oldest)).to.deep.equal({
        state: 'ended',
        reason: 'logout',
        endedAt: desk().now,
      });
      expect(
        desk()
          .eventsOf('session.ended')
          .map(({ data }) => [data.sessions, data.reason]),
      ).to.deep.equal([[[oldest.sid], 'logout']]);
      expect(
        desk()
          .pushes('ended', 'ann')
          .map(({ sids }) => sids),
      ).to.deep.equal([[oldest.sid]]);
      for (const login of [newest, ...logins.filter((other) => other !== oldest)]) await desk().view(login);
      expect((await desk().agent('ann')).sessions).to.equal(MAX_SESSIONS);
    });
  });
}
