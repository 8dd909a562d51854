import { expect } from 'chai';
import { DEFAULT_POLICY } from '../../../shared/policy.ts';
import { deskForEach } from './desk.ts';
import { DEFAULT_TIMEOUT, HOUR, LEAD, MIN_TIMEOUT, MINUTE, type OpenEngine, SECOND } from './harness.ts';

export function policyContract(open: OpenEngine): void {
  describe('the policy', () => {
    const desk = deskForEach(open);

    it('is the default where none was ever saved', async () => {
      expect(await desk().engine.policy(desk().account)).to.deep.equal({
        ...DEFAULT_POLICY,
        version: 0,
        updatedAt: null,
        updatedBy: null,
      });
    });

    it('is saved with who and when, and told', async () => {
      const settings = { timeoutSeconds: 3_600, rememberMe: { agent: false, requester: true } };
      const answer = await desk().engine.setPolicy({ account: desk().account, settings, by: 'boss' });
      const policy = {
        ...settings,
        version: answer.policy.version,
        updatedAt: desk().now,
        updatedBy: 'boss',
      };
      expect(answer).to.deep.equal({ ok: true, policy });
      expect(policy.version).to.be.greaterThan(0);
      expect(await desk().engine.policy(desk().account)).to.deep.equal(policy);
      expect(desk().pushes('policy', null)).to.deep.equal([{ type: 'policy', policy }]);
      expect(
        desk()
          .events()
          .map(({ type, at, data }) => ({ type, at, data })),
      ).to.deep.equal([
        {
          type: 'policy.changed',
          at: desk().now,
          data: { by: 'boss', before: { ...DEFAULT_POLICY }, after: settings },
        },
      ]);
    });

    it('changes nothing and emits nothing when what is saved already holds', async () => {
      const policy = await desk().setTimeout(HOUR);
      desk().forget();
      desk().leap(MINUTE);
      expect(await desk().setTimeout(HOUR)).to.deep.equal(policy);
      expect(await desk().engine.policy(desk().account)).to.deep.equal(policy);
      expect(desk().emissions()).to.deep.equal([]);
    });

    it('is not overwritten by who has not seen the newest version', async () => {
      const { account } = desk();
      const rememberMe = { agent: true, requester: true };
      const save = (timeoutSeconds: number, ifVersion: number) =>
        desk().engine.setPolicy({ account, settings: { timeoutSeconds, rememberMe }, by: 'boss', ifVersion });
      const first = await save(3_600, 0);
      expect(first.ok).to.equal(true);
      desk().forget();
      expect(await save(7_200, 0)).to.deep.equal({ ok: false, policy: first.policy });
      expect(await desk().engine.policy(account)).to.deep.equal(first.policy);
      expect(desk().emissions()).to.deep.equal([]);
      const second = await save(7_200, first.policy.version);
      expect(second.ok).to.equal(true);
      expect(second.policy.version).to.be.greaterThan(first.policy.version);
    });

    it('lets one of two who save upon the same version through', async () => {
      const { account } = desk();
      const answers = await Promise.all(
        [3_600, 7_200].map((timeoutSeconds) =>
          desk().engine.setPolicy({
            account,
            settings: { timeoutSeconds, rememberMe: { agent: true, requester: true } },
            by: `boss ${timeoutSeconds}`,
            ifVersion: 0,
          }),
        ),
      );
      expect(answers.filter(({ ok }) => ok)).to.have.length(1);
      expect(desk().eventTypes()).to.deep.equal(['policy.changed']);
    });

    it('is in force for live sessions at once, and restores them at once', async () => {
      const login = await desk().login('ann');
      desk().leap(MINUTE);
      for (const timeoutMs of [HOUR, 2 * DEFAULT_TIMEOUT]) {
        await desk().setTimeout(timeoutMs);
        const deadlineAt = login.loginAt + timeoutMs;
        expect(await desk().view(login)).to.deep.include({
          state: 'active',
          timeoutMs,
          deadlineAt,
          endsAt: deadlineAt,
          warnAt: deadlineAt - LEAD,
        });
      }
    });

    it('never goes below the minimum, also where a shorter timeout is stored', async () => {
      const login = await desk().login('ann');
      await desk().setTimeout(5 * MINUTE);
      expect((await desk().engine.policy(desk().account)).timeoutSeconds).to.equal(300);
      expect((await desk().view(login)).timeoutMs).to.equal(MIN_TIMEOUT);
      desk().leap(MIN_TIMEOUT - LEAD - 1);
      await desk().sweep();
      expect((await desk().view(login)).state).to.equal('active');
    });

    it('when shortened, ends nobody without a whole lead of warning', async () => {
      const login = await desk().login('ann');
      desk().leap(5 * HOUR);
      await desk().sweep();
      await desk().setTimeout(MIN_TIMEOUT);
      expect(desk().eventTypes('ann')).not.to.include('session.ended');
      await desk().sweep();
      const { state, deadlineAt, endsAt } = await desk().view(login);
      expect({ state, deadlineAt, endsAt }).to.deep.equal({
        state: 'warning',
        deadlineAt: login.loginAt + MIN_TIMEOUT,
        endsAt: desk().now + LEAD,
      });
      await desk().pass(LEAD - 1);
      await desk().view(login);
      await desk().pass(1);
      expect((await desk().end(login)).endedAt).to.equal(endsAt);
    });

    it('when shortened by mistake and restored within the lead, ends nobody', async () => {
      const logins = [await desk().login('ann'), await desk().login('bob')];
      desk().leap(5 * HOUR);
      await desk().sweep();
      await desk().setTimeout(MIN_TIMEOUT);
      await desk().pass(LEAD - 1);
      for (const login of logins) expect((await desk().view(login)).state).to.equal('warning');
      await desk().setTimeout(DEFAULT_TIMEOUT);
      desk().leap(1);
      await desk().pass(2 * LEAD);
      for (const login of logins) {
        expect(await desk().view(login)).to.deep.include({
          state: 'active',
          endsAt: login.loginAt + DEFAULT_TIMEOUT,
        });
      }
      expect(desk().eventTypes()).not.to.include('session.ended');
    });

    it('when lengthened, resumes the warned with the next sweep', async () => {
      const login = await desk().login('ann');
      const warned = await desk().idleUntilWarned(login);
      desk().forget();
      await desk().setTimeout(2 * DEFAULT_TIMEOUT);
      await desk().sweep();
      const view = await desk().view(login);
      expect(view).to.deep.include({ state: 'active', endsAt: login.loginAt + 2 * DEFAULT_TIMEOUT });
      expect(view.rev).to.be.greaterThan(warned.rev);
      expect(desk().eventTypes('ann')).to.deep.equal(['session.resumed']);
      expect(desk().pushes('session', 'ann').at(-1)?.session).to.deep.equal(view);
    });

    it('when lengthened by less than what was lacking, moves the end of the warned', async () => {
      const login = await desk().login('ann');
      const warned = await desk().idleUntilWarned(login);
      await desk().pass(30 * SECOND);
      await desk().setTimeout(DEFAULT_TIMEOUT + 20 * SECOND);
      const endsAt = warned.endsAt + 20 * SECOND;
      expect(await desk().view(login)).to.deep.include({ state: 'warning', endsAt });
      await desk().pass(endsAt - desk().now - 1);
      await desk().view(login);
      await desk().pass(1);
      expect((await desk().end(login)).endedAt).to.equal(endsAt);
    });

    it('when shortened while somebody is warned, ends them as soon as their whole lead is over', async () => {
      const login = await desk().login('ann');
      const warned = await desk().idleUntilWarned(login);
      await desk().pass(30 * SECOND);
      await desk().type(login, login.loginAt + 20 * SECOND);
      expect((await desk().view(login)).endsAt).to.equal(warned.endsAt + 20 * SECOND);
      await desk().setTimeout(MIN_TIMEOUT);
      expect((await desk().view(login)).endsAt).to.equal(warned.endsAt);
      await desk().pass(warned.endsAt - desk().now - 1);
      await desk().view(login);
      await desk().pass(1);
      expect((await desk().end(login)).endedAt).to.equal(warned.endsAt);
    });

    it('leaves the others of the account who are not due alone', async () => {
      const idle = await desk().login('ann');
      desk().leap(2 * HOUR);
      const fresh = await desk().login('bob');
      await desk().setTimeout(HOUR);
      await desk().sweep();
      expect((await desk().view(idle)).state).to.equal('warning');
      expect((await desk().view(fresh)).state).to.equal('active');
    });

    it('can be tried before it is saved: whom a timeout would sign out', async () => {
      const { account } = desk();
      const nobody = { agents: 0, dueNow: 0, dueWithinHour: 0 };
      expect(await desk().engine.preview(account, 3_600)).to.deep.equal(nobody);
      // The last but one is due for the warning at this very moment, the last a millisecond later.
      const idle = { ann: 0, bob: 30, cem: 90, dan: 200, eve: 600, fay: 119, gus: 119 - 1 / MINUTE };
      for (const [agent, minutes] of Object.entries(idle)) {
        await desk().login(agent, { loginAt: desk().now - Math.round(minutes * MINUTE) });
      }
      await desk().logout(await desk().login('gone'));
      const preview = (ms: number) => desk().engine.preview(account, ms / SECOND);
      expect(await preview(2 * HOUR)).to.deep.equal({ agents: 7, dueNow: 3, dueWithinHour: 5 });
      expect(await preview(15 * MINUTE)).to.deep.equal({ agents: 7, dueNow: 6, dueWithinHour: 7 });
      expect(await preview(DEFAULT_TIMEOUT)).to.deep.equal({ agents: 7, dueNow: 0, dueWithinHour: 0 });
      expect((await desk().engine.policy(account)).version).to.equal(0);
      expect(desk().eventTypes()).not.to.include('policy.changed');
    });
  });
}
