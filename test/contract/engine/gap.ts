import { expect } from 'chai';
import { GAP_MS, STEP_BACK_MS } from '../../../server/engine/engine.ts';
import { deskForEach } from './desk.ts';
import { DEFAULT_TIMEOUT, HOUR, LEAD, MINUTE, type OpenEngine, SECOND } from './harness.ts';

export function gapContract(open: OpenEngine): void {
  describe('a gap in which nobody watched the clock', () => {
    const desk = deskForEach(open);

    it('is none up to two and a half seconds: the warned keep their end', async () => {
      const login = await desk().login('ann');
      const { endsAt } = await desk().idleUntilWarned(login);
      desk().forget();
      for (let waited = 0; waited < LEAD; waited += GAP_MS) {
        desk().leap(GAP_MS);
        await desk().sweep();
      }
      expect((await desk().end(login)).endedAt).to.equal(endsAt);
      expect(desk().eventTypes()).to.deep.equal(['session.ended']);
    });

    it('gives the warned a whole new lead when it was longer, and tells them', async () => {
      const login = await desk().login('ann');
      const warned = await desk().idleUntilWarned(login);
      await desk().pass(30 * SECOND);
      desk().forget();
      desk().leap(GAP_MS + 1);
      await desk().sweep();
      const view = await desk().view(login);
      const { deadlineAt, endsAt, rev } = view;
      expect(view).to.deep.include({ state: 'warning', lastActivityAt: login.loginAt });
      expect([deadlineAt, endsAt]).to.deep.equal([warned.deadlineAt, desk().now + LEAD]);
      expect(rev).to.be.greaterThan(warned.rev);
      expect(desk().pushes('warning', 'ann')).to.deep.equal([{ type: 'warning', rev, deadlineAt, endsAt }]);
      expect(
        desk()
          .eventsOf('session.warned')
          .map(({ data }) => data.endsAt),
      ).to.deep.equal([endsAt]);
      await desk().pass(LEAD - 1);
      await desk().view(login);
      await desk().pass(1);
      expect((await desk().end(login)).endedAt).to.equal(endsAt);
    });

    it('ends nobody whose end passed in it, before another whole lead', async () => {
      const login = await desk().login('ann');
      await desk().idleUntilWarned(login);
      desk().leap(HOUR);
      await desk().sweep();
      expect(await desk().view(login)).to.deep.include({ state: 'warning', endsAt: desk().now + LEAD });
      await desk().pass(LEAD - 1);
      await desk().view(login);
    });

    it('warns those who had not been warned with a whole lead, however long it was', async () => {
      const login = await desk().login('ann');
      desk().leap(3 * DEFAULT_TIMEOUT);
      await desk().sweep();
      expect(await desk().view(login)).to.deep.include({
        state: 'warning',
        deadlineAt: login.loginAt + DEFAULT_TIMEOUT,
        endsAt: desk().now + LEAD,
      });
    });

    it('lets input typed meanwhile, arriving right after, save the warned', async () => {
      const login = await desk().login('ann');
      await desk().idleUntilWarned(login);
      desk().leap(HOUR);
      await desk().sweep();
      await desk().type(login, desk().now - 20 * MINUTE);
      expect((await desk().view(login)).state).to.equal('active');
      await desk().pass(2 * LEAD);
      expect((await desk().view(login)).state).to.equal('active');
    });

    it('counts each gap anew', async () => {
      const login = await desk().login('ann');
      await desk().idleUntilWarned(login);
      for (let gaps = 0; gaps < 5; gaps += 1) {
        await desk().pass(LEAD - SECOND);
        desk().leap(10 * SECOND);
        await desk().sweep();
        expect((await desk().view(login)).endsAt).to.equal(desk().now + LEAD);
      }
      await desk().pass(LEAD);
      await desk().end(login);
    });

    it('is found for every account, also where one call does not finish', async () => {
      const desks = Array.from({ length: 40 }, () => desk().elsewhere());
      const logins = await Promise.all(desks.map((each) => each.login('ann')));
      desk().leap(DEFAULT_TIMEOUT - LEAD);
      await desk().sweep();
      desk().leap(LEAD);
      await desk().sweep();
      for (const [index, login] of logins.entries()) {
        expect((await desks[index]!.view(login)).endsAt).to.equal(desk().now + LEAD);
      }
    });
  });

  describe('a clock that is set', () => {
    const desk = deskForEach(open);

    /** Engine time as input sees it: a report from the far future counts as now. */
    async function engineTime(): Promise<number> {
      const probe = desk().elsewhere();
      const login = await probe.login('probe');
      await probe.type(login, desk().harness.clock.now() + 10 * DEFAULT_TIMEOUT);
      return (await probe.view(login)).lastActivityAt;
    }

    it('forwards, is a gap: the warned get a whole new lead, nobody is ended at once', async () => {
      const login = await desk().login('ann');
      await desk().idleUntilWarned(login);
      desk().harness.clock.step(HOUR);
      await desk().sweep();
      expect(await desk().view(login)).to.deep.include({ state: 'warning', endsAt: desk().now + LEAD });
    });

    it('back by up to a minute, makes engine time stand still and moves no end', async () => {
      const login = await desk().login('ann');
      const { endsAt } = await desk().idleUntilWarned(login);
      await desk().pass(30 * SECOND);
      const before = desk().now;
      desk().forget();
      desk().harness.clock.step(-STEP_BACK_MS);
      await desk().sweep();
      expect(await engineTime()).to.equal(before);
      await desk().pass(STEP_BACK_MS);
      expect(await engineTime()).to.equal(before);
      await desk().pass(endsAt - before - 1);
      expect((await desk().view(login)).endsAt).to.equal(endsAt);
      await desk().pass(1);
      expect((await desk().end(login)).endedAt).to.equal(endsAt);
      expect(desk().eventTypes()).to.deep.equal(['session.ended']);
    });

    it('back by more than a minute, is taken over by the sweep as a gap', async () => {
      const login = await desk().login('ann');
      const warned = await desk().idleUntilWarned(login);
      await desk().pass(30 * SECOND);
      const before = desk().now;
      desk().harness.clock.step(-STEP_BACK_MS - 1);
      await desk().sweep();
      expect(await engineTime()).to.equal(before - STEP_BACK_MS - 1);
      const view = await desk().view(login);
      // Seen from the new now the warning is not due yet, or it is there for a whole lead.
      if (view.state === 'warning') expect(view.endsAt).to.be.at.least(desk().now + LEAD);
      expect(view.lastActivityAt).to.equal(login.loginAt);
      await desk().pass(warned.deadlineAt - desk().now - 1);
      await desk().view(login);
      await desk().pass(LEAD + 1);
      await desk().end(login);
    });

    it('far back, makes activity in its future become now', async () => {
      const login = await desk().login('ann');
      const other = await desk().login('bob', { loginAt: desk().now - 5 * HOUR });
      desk().leap(HOUR);
      await desk().type(login);
      await desk().sweep();
      desk().harness.clock.step(-2 * HOUR);
      await desk().sweep();
      const now = await engineTime();
      expect(await desk().view(login)).to.deep.include({
        lastActivityAt: now,
        deadlineAt: now + DEFAULT_TIMEOUT,
      });
      expect((await desk().view(other)).lastActivityAt).to.equal(other.loginAt);
      desk().leap(DEFAULT_TIMEOUT - LEAD - 1);
      await desk().sweep();
      expect((await desk().view(login)).state).to.equal('active');
      desk().leap(1);
      await desk().sweep();
      expect((await desk().view(login)).state).to.equal('warning');
    });

    it('far back while an agent is warned, neither ends them early nor keeps them for ever', async () => {
      const login = await desk().login('ann');
      await desk().idleUntilWarned(login);
      desk().harness.clock.step(-2 * DEFAULT_TIMEOUT);
      await desk().sweep();
      const now = await engineTime();
      expect((await desk().view(login)).lastActivityAt).to.equal(now);
      await desk().sweep();
      expect((await desk().view(login)).state).to.equal('active');
      desk().leap(DEFAULT_TIMEOUT - LEAD);
      await desk().sweep();
      expect(await desk().view(login)).to.deep.include({ state: 'warning', endsAt: now + DEFAULT_TIMEOUT });
      await desk().pass(LEAD);
      await desk().end(login);
    });

    it('far back, lets an agent who had signed out begin anew without activity in the future', async () => {
      await desk().login('ann');
      await desk().signOut('ann');
      await desk().sweep();
      desk().harness.clock.step(-HOUR);
      await desk().sweep();
      const login = await desk().login('ann');
      const now = await engineTime();
      expect(await desk().view(login)).to.deep.include({
        lastActivityAt: now,
        deadlineAt: now + DEFAULT_TIMEOUT,
      });
    });

    // Found by the engines side by side, seed 193137038.
    it('far back, to the very moment of an earlier gap, is another one', async () => {
      const login = await desk().login('ann');
      await desk().sweep();
      const { now } = desk();
      desk().harness.clock.step(HOUR);
      await desk().type(login);
      desk().harness.clock.step(-HOUR);
      await desk().sweep();
      expect(await desk().view(login)).to.deep.include({ lastActivityAt: now });
    });

    it('back, leaves the order of event ids alone', async () => {
      await desk().login('ann');
      await desk().sweep();
      desk().harness.clock.step(-HOUR);
      await desk().sweep();
      await desk().login('bob');
      const ids = desk()
        .events()
        .map(({ id }) => id);
      expect(ids).to.have.length(2);
      expect(ids.toSorted()).to.deep.equal(ids);
      const listed = await desk().engine.events(desk().account, { limit: 10 });
      expect(listed.map(({ id }) => id)).to.deep.equal(ids.toReversed());
    });
  });
}
