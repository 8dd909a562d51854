import { expect } from 'chai';
import { deskForEach } from './desk.ts';
import { everybody, Follower } from './follower.ts';
import { DAY, DEFAULT_TIMEOUT, HOUR, LEAD, MIN_TIMEOUT, MINUTE, type OpenEngine, SECOND } from './harness.ts';

/** For engines whose store outlives them. */
export function durabilityContract(open: OpenEngine): void {
  describe('after a kill -9', () => {
    const desk = deskForEach(open);

    const restart = async (downMs = 0) => {
      await desk().harness.reopen(downMs);
      desk().forget();
    };

    it('the policy is as it was', async () => {
      const policy = await desk().setTimeout(MIN_TIMEOUT);
      const login = await desk().login('ann');
      await restart();
      expect(await desk().engine.policy(desk().account)).to.deep.equal(policy);
      expect((await desk().view(login)).timeoutMs).to.equal(MIN_TIMEOUT);
      const answer = await desk().engine.setPolicy({
        account: desk().account,
        settings: policy,
        by: 'x',
        ifVersion: 0,
      });
      expect(answer.ok).to.equal(false);
    });

    it('sessions go on, with their owner, name, permissions and availability', async () => {
      const claims = { name: 'Ann', autoAssign: true };
      const login = await desk().login('ann', { ...claims, permissions: ['view_presence'] });
      const other = await desk().login('ann', claims);
      await desk().setAvailable('ann', false);
      const before = await desk().view(login);
      await restart();
      expect(await desk().view(login)).to.deep.equal(before);
      expect(await desk().admit(login)).to.deep.include({ ok: true, permissions: ['view_presence'] });
      expect(await desk().admit({ ...other, agent: 'bob' })).to.deep.include({ code: 'token_invalid' });
      expect(await desk().agent('ann')).to.deep.include({ name: 'Ann', available: false, sessions: 2 });
      expect(await desk().engine.session(desk().account, login.sid)).to.deep.include({
        startedAt: login.loginAt,
      });
      expect(desk().eventTypes()).to.deep.equal([]);
    });

    it('an older token still does not replace what a newer one said, also where that said nothing new', async () => {
      const issuedAt = desk().now;
      const login = await desk().login('ann', { issuedAt, name: 'Ann', autoAssign: true });
      await desk().admit({ ...login, issuedAt: issuedAt + 2 * MINUTE });
      await restart();
      const older = { issuedAt: issuedAt + MINUTE, name: 'Old', autoAssign: false };
      const permissions = ['manage_security' as const];
      expect(await desk().admit({ ...login, ...older, permissions })).to.deep.include({
        ok: true,
        permissions: [],
      });
      expect(await desk().agent('ann')).to.deep.include({ name: 'Ann', available: true });
    });

    it('ended sids stay dead, however they ended', async () => {
      const loggedOut = await desk().login('ann');
      await desk().logout(loggedOut);
      const signedOut = await desk().login('bob');
      await desk().signOut('bob');
      const unseen = desk().token('cem');
      await desk().logout(unseen);
      const late = desk().token('dan', { loginAt: desk().now - DEFAULT_TIMEOUT });
      await desk().admit(late);
      const timedOut = await desk().login('eve', { autoAssign: true });
      await desk().idleUntilWarned(timedOut);
      await desk().pass(LEAD);
      const ends = [];
      for (const login of [loggedOut, signedOut, timedOut]) ends.push(await desk().end(login));
      await restart();
      for (const login of [loggedOut, signedOut, timedOut])
        expect(await desk().end(login)).to.deep.equal(ends.shift());
      const fresh = { issuedAt: desk().now, loginAt: desk().now };
      for (const [login, reason] of [
        [loggedOut, 'logout'],
        [signedOut, 'admin'],
        [unseen, 'logout'],
        [late, 'timeout'],
        [timedOut, 'timeout'],
      ] as const) {
        const refusal = { ok: false, code: 'session_ended', reason };
        expect(await desk().admit({ ...login, ...fresh }), login.agent).to.deep.equal(refusal);
      }
      expect(await desk().agent('eve')).to.deep.include({ available: false, sessions: 0 });
      expect(await everybody(desk().engine, desk().account)).to.deep.equal([]);
    });

    it('ended sids are still remembered for thirty-one days after they were last seen', async () => {
      await desk().setTimeout(30 * DAY);
      const login = await desk().login('ann');
      await desk().logout(login);
      for (let days = 0; days < 90; days += 30) {
        desk().leap(30 * DAY);
        await desk().sweep();
        const fresh = { issuedAt: desk().now, loginAt: desk().now };
        expect(await desk().admit({ ...login, ...fresh })).to.deep.include({ ok: false, reason: 'logout' });
        await restart();
      }
    });

    it('activity is at most a second behind', async () => {
      const login = await desk().login('ann');
      desk().leap(HOUR);
      await desk().type(login);
      const at = desk().now;
      await desk().pass(SECOND);
      await restart();
      expect((await desk().view(login)).lastActivityAt).to.equal(at);
      desk().leap(MINUTE);
      await desk().sweep();
      await desk().type(login);
      await restart();
      expect((await desk().view(login)).lastActivityAt).to.be.oneOf([at, desk().now]);
    });

    it('a resumption is not behind: who was told that they stay, stays', async () => {
      const login = await desk().login('ann');
      await desk().idleUntilWarned(login);
      await desk().type(login);
      const at = desk().now;
      await restart();
      expect(await desk().view(login)).to.deep.include({ state: 'active', lastActivityAt: at });
    });

    it('the warned get a whole new lead', async () => {
      const login = await desk().login('ann');
      const warned = await desk().idleUntilWarned(login);
      await desk().pass(LEAD - SECOND);
      await restart();
      await desk().sweep();
      const view = await desk().view(login);
      expect(view).to.deep.include({ state: 'warning', endsAt: desk().now + LEAD });
      expect(view.rev).to.be.greaterThan(warned.rev);
      expect(desk().eventTypes('ann')).to.deep.equal(['session.warned']);
      await desk().pass(LEAD - 1);
      await desk().view(login);
      await desk().pass(1);
      expect((await desk().end(login)).reason).to.equal('timeout');
    });

    it('nobody whose deadline passed meanwhile is ended without a whole lead', async () => {
      const warned = await desk().login('ann');
      await desk().idleUntilWarned(warned);
      const waiting = await desk().login('bob');
      await restart(DEFAULT_TIMEOUT + HOUR);
      await desk().sweep();
      for (const login of [warned, waiting]) {
        expect(await desk().view(login)).to.deep.include({ state: 'warning', endsAt: desk().now + LEAD });
      }
      await desk().type(waiting, desk().now - HOUR);
      await desk().pass(LEAD);
      expect((await desk().end(warned)).reason).to.equal('timeout');
      expect((await desk().view(waiting)).state).to.equal('active');
    });

    it('tabs of the dead node leave presence, and deadlines stay', async () => {
      const login = await desk().login('ann');
      await desk().openTab(login, 't1');
      await desk().turnTab(login, 't1', true);
      await desk().pass(SECOND);
      const before = await desk().view(login);
      await restart();
      await desk().pass(10 * SECOND);
      expect(await desk().agent('ann')).to.deep.include({ tabs: 0, visibleTabs: 0 });
      expect(await desk().view(login)).to.deep.equal(before);
      await desk().openTab(login, 't2');
      expect(await desk().agent('ann')).to.deep.include({ tabs: 1 });
    });

    it('the audit log is whole, and goes on with greater ids', async () => {
      const { account } = desk();
      for (const agent of ['ann', 'bob']) await desk().login(agent);
      await desk().signOut('ann');
      await desk().engine.record(account, { type: 'audit.exported', data: { by: 'ann', format: 'json' } });
      const before = await desk().engine.events(account, { limit: 100 });
      await restart();
      expect(await desk().engine.events(account, { limit: 100 })).to.deep.equal(before);
      await desk().login('ann');
      const after = await desk().engine.events(account, { limit: 100 });
      expect(after.slice(1)).to.deep.equal(before);
      expect(after[0]!.id > before[0]!.id).to.equal(true);
    });

    it('a clock that is behind by then moves nothing back', async () => {
      const login = await desk().login('ann');
      desk().leap(HOUR);
      await desk().type(login);
      const at = desk().now;
      const [newest] = desk().events();
      await desk().pass(10 * SECOND);
      const before = desk().now;
      desk().harness.clock.step(-30 * SECOND);
      await restart();
      await desk().sweep();
      expect((await desk().view(login)).lastActivityAt).to.equal(at);
      // A login ahead of engine time counts as now.
      const probe = await desk().login('bob', { loginAt: before + HOUR });
      expect((await desk().view(probe)).lastActivityAt).to.equal(before);
      expect(desk().events()[0]!.id > newest!.id).to.equal(true);
    });

    it('a clock that was set back meanwhile leaves no activity in the future', async () => {
      const login = await desk().login('ann');
      desk().harness.clock.step(-30 * SECOND);
      await restart();
      const probe = await desk().login('probe', { loginAt: desk().now + HOUR });
      const { lastActivityAt } = await desk().view(probe);
      expect((await desk().view(login)).lastActivityAt).to.be.at.most(lastActivityAt);
    });

    it('a feed that was followed before starts anew', async () => {
      const follower = new Follower(desk().account);
      await desk().login('ann');
      await follower.look(desk().engine);
      await desk().login('bob');
      await restart();
      await follower.look(desk().engine);
      expect(follower.records().map(({ id }) => id)).to.deep.equal(['ann', 'bob']);
      await desk().signOut('ann');
      await follower.look(desk().engine);
      expect(follower.records().map(({ id }) => id)).to.deep.equal(['bob']);
    });

    it('time runs on by the same sweeps, over many restarts', async () => {
      const login = await desk().login('ann', { autoAssign: true });
      for (let restarts = 0; restarts < 4; restarts += 1) {
        desk().leap(DEFAULT_TIMEOUT / 4 - MINUTE);
        await desk().sweep();
        await restart(SECOND);
      }
      expect((await desk().view(login)).state).to.equal('active');
      await desk().idleUntilWarned(login);
      await desk().pass(LEAD);
      expect((await desk().end(login)).reason).to.equal('timeout');
      await restart();
      expect(await desk().agent('ann')).to.deep.include({ available: false, sessions: 0 });
    });
  });
}
