import { expect } from 'chai';
import { deskForEach } from './desk.ts';
import { DAY, HOUR, type OpenEngine, SECOND } from './harness.ts';

const AUDIT = { maxAgeMs: 40 * DAY, maxEvents: 12 };

export function auditRetentionContract(open: OpenEngine, { durable }: { durable: boolean }): void {
  describe('how long audit entries are kept', () => {
    const desk = deskForEach(open, { audit: AUDIT, deliver: true });
    const read = (query = {}) => desk().engine.events(desk().account, { limit: 1_000, ...query });
    const types = async (query = {}) => (await read(query)).map(({ type }) => type);

    /** Changes the agent's availability again and again: ten changes a minute are allowed. */
    async function chatter(agent: string, changes: number): Promise<void> {
      for (let change = 0; change < changes; change += 1) {
        desk().leap(10 * SECOND);
        const { available } = await desk().agent(agent);
        expect(await desk().setAvailable(agent, !available)).to.have.property('ok', true);
      }
    }

    it('is up to their age, to the millisecond, in both directions of reading', async () => {
      await desk().login('ann');
      desk().leap(DAY);
      await desk().login('bob');
      const [older, newer] = desk().events();
      desk().leap(39 * DAY - 1);
      expect(await read()).to.deep.equal([newer, older]);
      desk().leap(1);
      expect(await read()).to.deep.equal([newer]);
      expect(await read({ after: '' })).to.deep.equal([newer]);
      expect(await read({ after: older!.id })).to.deep.equal([newer]);
      expect(await read({ before: newer!.id })).to.deep.equal([]);
      desk().leap(DAY);
      expect(await read()).to.deep.equal([]);
    });

    it('holds for an account in which nothing happens any more, and the sweep does it', async () => {
      const login = await desk().login('ann');
      await desk().logout(login);
      desk().leap(AUDIT.maxAgeMs);
      await desk().sweep();
      expect(await read()).to.deep.equal([]);
      // Gone for good: also where the clock is set back to when it was to be seen.
      desk().harness.clock.step(-DAY);
      await desk().sweep();
      expect(await read()).to.deep.equal([]);
    });

    it('takes nothing that is younger along, of either shelf', async () => {
      for (let day = 0; day < 6; day += 1) {
        await desk().logout(await desk().login(`agent-${day}`));
        desk().leap(DAY);
      }
      const kept = desk()
        .events()
        .filter(({ at }) => at > desk().now - 3 * DAY);
      desk().leap(37 * DAY);
      await desk().sweep();
      expect(await read()).to.deep.equal(kept.toReversed());
      expect(kept).to.have.length(4);
      await desk().login('zoe');
      expect(await read()).to.have.length(5);
    });

    it('is up to their number, and the newest stay', async () => {
      await desk().login('ann', { autoAssign: true });
      await chatter('ann', 30);
      expect(await read()).to.deep.equal(desk().events().toReversed().slice(0, AUDIT.maxEvents));
      expect(await types()).to.not.include('session.started');
    });

    it('is such that nobody can push out ends, policy changes and refusals', async () => {
      await desk().setTimeout(2 * HOUR);
      await desk().logout(await desk().login('bob'));
      const data = { by: 'bob', needs: 'manage_security', call: 'PUT /v1/policy' };
      await desk().engine.record(desk().account, { type: 'access.refused', data });
      await desk().login('ann', { autoAssign: true });
      await chatter('ann', 40);
      expect((await types()).slice(AUDIT.maxEvents)).to.deep.equal([
        'access.refused',
        'session.ended',
        'policy.changed',
      ]);
    });

    it('does not hold up deliveries: what is gone is owed no more, what is there is', async () => {
      const { deliveries } = desk().engine;
      await desk().logout(await desk().login('ann'));
      const [claimed] = await deliveries.claim({ limit: 1, leaseMs: SECOND });
      desk().leap(AUDIT.maxAgeMs);
      await desk().sweep();
      await desk().login('bob');
      const [again] = await deliveries.claim({ limit: 1, leaseMs: SECOND });
      expect(again!.after).to.equal(claimed!.after);
      const owed = await read({ after: again!.after });
      expect(owed.map(({ type }) => type)).to.deep.equal(['session.started']);
      expect(owed[0]!.id).to.equal(again!.last);
    });

    if (durable) {
      it('is counted on across a kill -9', async () => {
        await desk().logout(await desk().login('ann'));
        await desk().harness.reopen(DAY);
        await desk().login('bob');
        desk().leap(39 * DAY);
        await desk().sweep();
        // Bob's session runs out meanwhile.
        expect((await types()).at(-1)).to.equal('session.started');
        expect(await types()).not.to.include('session.ended');
        desk().leap(DAY);
        await desk().sweep();
        expect(await types()).not.to.include('session.started');
      });
    }
  });
}
