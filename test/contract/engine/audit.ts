import { expect } from 'chai';
import { deskForEach } from './desk.ts';
import { HOUR, LEAD, MINUTE, type OpenEngine } from './harness.ts';

export function auditContract(open: OpenEngine): void {
  describe('the audit log', () => {
    const desk = deskForEach(open);

    /** Forty events of three agents, as the relay heard them. */
    async function busyDay() {
      for (let round = 0; round < 6; round += 1) {
        for (const agent of ['ann', 'bob', 'cem']) {
          await desk().login(agent, { autoAssign: true });
          if (round % 2 === 0) await desk().setAvailable(agent, round % 4 === 0);
          if (round % 3 === 2) await desk().signOut(agent);
        }
        await desk().setTimeout((round + 1) * HOUR);
        desk().leap(round % 2 === 0 ? 0 : MINUTE);
      }
      return desk().events();
    }

    it('holds what the relay was told, newest first', async () => {
      const told = await busyDay();
      expect(told.length).to.be.greaterThan(30);
      const read = await desk().engine.events(desk().account, { limit: 1_000 });
      expect(read).to.deep.equal(told.toReversed());
    });

    it('gives events ids that are unique and in their order, also as text', async () => {
      const ids = (await busyDay()).map(({ id }) => id);
      expect(new Set(ids).size).to.equal(ids.length);
      expect(ids.toSorted()).to.deep.equal(ids);
    });

    it('is read page by page in both directions', async () => {
      const told = await busyDay();
      const { account, engine } = desk();
      const backwards = [];
      for (let before: string | undefined; ; before = backwards.at(-1)!.id) {
        const page = await engine.events(account, { limit: 7, ...(before === undefined ? {} : { before }) });
        backwards.push(...page);
        if (page.length < 7) break;
      }
      expect(backwards).to.deep.equal(told.toReversed());
      const forwards = [told[0]!];
      for (;;) {
        const page = await engine.events(account, { limit: 7, after: forwards.at(-1)!.id });
        forwards.push(...page);
        if (page.length < 7) break;
      }
      expect(forwards).to.deep.equal(told);
    });

    it('answers with what came since, for who has seen everything', async () => {
      const told = await busyDay();
      const { account, engine } = desk();
      const after = told.at(-1)!.id;
      expect(await engine.events(account, { limit: 10, after })).to.deep.equal([]);
      desk().forget();
      await desk().login('dan');
      expect(await engine.events(account, { limit: 10, after })).to.deep.equal(desk().events());
    });

    it('is filtered by type and by agent, in pages too', async () => {
      const told = await busyDay();
      const { account, engine } = desk();
      const ends = told.filter(({ type }) => type === 'session.ended');
      const query = { types: ['session.ended' as const], limit: 1_000 };
      expect(await engine.events(account, query)).to.deep.equal(ends.toReversed());
      const bobs = told.filter(({ data }) => 'agent' in data && data.agent === 'bob');
      expect(await engine.events(account, { agent: 'bob', limit: 1_000 })).to.deep.equal(bobs.toReversed());
      expect(await engine.events(account, { agent: 'bob', limit: 2 })).to.deep.equal(
        bobs.toReversed().slice(0, 2),
      );
      const both = {
        agent: 'bob',
        types: ['agent.available' as const, 'agent.unavailable' as const],
        limit: 3,
      };
      const turns = bobs.filter(({ type }) => type.startsWith('agent.'));
      expect(await engine.events(account, { ...both, after: told[0]!.id })).to.deep.equal(turns.slice(0, 3));
      expect(await engine.events(account, { agent: 'nobody', limit: 10 })).to.deep.equal([]);
      expect(await engine.events(account, { types: [], limit: 10 })).to.be.an('array');
    });

    it('takes entries that come with no transition', async () => {
      const data = { by: 'ann', needs: 'manage_security', call: 'PUT /v1/policy' };
      await desk().login('ann');
      await desk().engine.record(desk().account, { type: 'access.refused', data });
      await desk().login('bob');
      const read = await desk().engine.events(desk().account, { limit: 10 });
      expect(read.map(({ type }) => type)).to.deep.equal([
        'session.started',
        'access.refused',
        'session.started',
      ]);
      expect(read[1]).to.deep.include({
        type: 'access.refused',
        account: desk().account,
        at: desk().now,
        data,
      });
      expect(read[1]!.id > read[2]!.id && read[1]!.id < read[0]!.id).to.equal(true);
    });

    it('tells each account its own events only', async () => {
      await busyDay();
      const other = desk().elsewhere();
      await other.login('ann');
      const read = await desk().engine.events(other.account, { limit: 1_000 });
      expect(read).to.deep.equal(other.events());
      expect(read).to.have.length(1);
      const foreign = await desk().engine.events(other.account, { limit: 1_000, after: '' });
      expect(foreign.every(({ account }) => account === other.account)).to.equal(true);
      expect(await desk().engine.events('no such account', { limit: 10 })).to.deep.equal([]);
    });

    it('holds an end by the time that anybody can see it', async () => {
      const login = await desk().login('ann');
      await desk().idleUntilWarned(login);
      await desk().pass(LEAD);
      await desk().end(login);
      const [newest] = await desk().engine.events(desk().account, { limit: 1 });
      expect(newest).to.deep.include({ type: 'session.ended', at: desk().now });
    });
  });
}
