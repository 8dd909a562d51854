import { expect } from 'chai';
import { deskForEach } from './desk.ts';
import { DEFAULT_TIMEOUT, LEAD, type OpenEngine, SECOND } from './harness.ts';

const SMALL = 700;
const LARGE = 3_000;

export function crowdContract(open: OpenEngine): void {
  describe('many due at once', () => {
    const desk = deskForEach(open);

    it('warns and ends hundreds who are due in the same moment, each once', async () => {
      const agents = Array.from({ length: SMALL }, (_, index) => `agent-${index}`);
      const logins = await Promise.all(agents.map((agent) => desk().login(agent, { autoAssign: true })));
      desk().leap(DEFAULT_TIMEOUT - LEAD);
      await desk().sweep();
      const warned = desk()
        .eventsOf('session.warned')
        .map(({ data }) => data.agent);
      expect(warned.toSorted()).to.deep.equal(agents.toSorted());
      await desk().pass(LEAD - 1);
      expect(desk().eventTypes()).not.to.include('session.ended');
      await desk().pass(1);
      const ended = desk()
        .eventsOf('session.ended')
        .map(({ data }) => data.agent);
      expect(ended.toSorted()).to.deep.equal(agents.toSorted());
      expect(desk().eventsOf('agent.unavailable')).to.have.length(SMALL);
      const seen = await desk().engine.sessions(logins);
      expect(seen.every((session) => session?.state === 'ended')).to.equal(true);
    });

    it('lets a large account starve no small one', async () => {
      const large = desk();
      const small = desk().elsewhere();
      await Promise.all(Array.from({ length: LARGE }, (_, index) => large.login(`agent-${index}`)));
      // Due a moment later, and reached by a sweeper at work: a gap would have every account looked at.
      desk().leap(1);
      const login = await small.login('ann');
      desk().leap(DEFAULT_TIMEOUT - LEAD - SECOND);
      await desk().sweep();
      desk().leap(SECOND);
      for (let sweeps = 0; (await small.view(login)).state === 'active'; sweeps += 1) {
        expect(sweeps, 'sweeps until the small account had its turn').to.be.lessThan(3);
        await desk().engine.sweep();
      }
      const answers = [];
      while (large.eventsOf('session.warned').length < LARGE) {
        expect(answers.length, 'sweeps').to.be.lessThan(LARGE);
        answers.push(await desk().engine.sweep());
      }
      // Whenever work was left, the sweep said so.
      expect(answers.slice(0, -1).every((dueAt) => dueAt <= desk().now)).to.equal(true);
    });
  });
}
