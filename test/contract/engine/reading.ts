import { expect } from 'chai';
import { deskForEach } from './desk.ts';
import { byId, everybody, Follower } from './follower.ts';
import { DEFAULT_TIMEOUT, HOUR, LEAD, MIN_TIMEOUT, MINUTE, type OpenEngine, SECOND } from './harness.ts';

export function readingContract(open: OpenEngine): void {
  describe('reading', () => {
    const desk = deskForEach(open);

    it('answers for many logins at once, each in its place', async () => {
      const ann = await desk().login('ann');
      const bob = await desk().login('bob');
      await desk().logout(bob);
      const unknown = desk().token('cem');
      const answers = await desk().engine.sessions([unknown, bob, ann]);
      expect(answers).to.deep.equal([null, await desk().end(bob), await desk().view(ann)]);
      expect(await desk().engine.sessions([])).to.deep.equal([]);
    });

    it('begins nothing by asking', async () => {
      const login = desk().token('ann');
      expect(await desk().look(login)).to.equal(null);
      expect(await desk().engine.session(desk().account, login.sid)).to.equal(null);
      expect(await desk().engine.agent(desk().account, 'ann')).to.equal(null);
      expect(await desk().engine.agents(desk().account, { after: null, limit: 5 })).to.deep.equal([]);
      expect(desk().emissions()).to.deep.equal([]);
    });

    it('shows no session to who names it as another agent', async () => {
      const ann = await desk().login('ann');
      const bob = await desk().login('bob');
      expect(await desk().look({ ...ann, agent: 'bob' })).to.equal(null);
      expect(await desk().look({ ...ann, agent: 'nobody' })).to.equal(null);
      const asBob = await desk().openTab({ ...ann, agent: 'bob' }, 't1');
      expect(asBob).to.deep.equal({ ok: false, code: 'token_invalid' });
      expect(await desk().agent('ann')).to.deep.include({ tabs: 0 });
      expect(await desk().agent('bob')).to.deep.include({ tabs: 0 });
      expect((await desk().view(bob)).state).to.equal('active');
    });

    it('knows whose a sid is, and how it ended', async () => {
      const login = await desk().login('ann');
      const ask = () => desk().engine.session(desk().account, login.sid);
      expect(await ask()).to.deep.equal({ agent: 'ann', live: true, startedAt: login.loginAt });
      desk().leap(MINUTE);
      await desk().signOut('ann');
      expect(await ask()).to.deep.equal({
        agent: 'ann',
        live: false,
        state: 'ended',
        reason: 'admin',
        endedAt: desk().now,
      });
    });

    it('says of an agent what their session says', async () => {
      const login = await desk().login('ann', { name: 'Ann', autoAssign: true });
      const {
        state: _state,
        warnAt: _warnAt,
        timeoutMs: _timeoutMs,
        leadMs: _leadMs,
        ...session
      } = await desk().view(login);
      const found = await desk().agent('ann');
      expect(found).to.deep.include({
        ...session,
        id: 'ann',
        name: 'Ann',
        warnedAt: null,
        signedOutAt: null,
      });
      await desk().idleUntilWarned(login);
      expect(await desk().agent('ann')).to.deep.include({ warnedAt: desk().now, endsAt: desk().now + LEAD });
    });

    it('lists live agents page by page, each once, in an order that stays', async () => {
      const names = Array.from({ length: 23 }, (_, index) => `agent ${(index * 7) % 23}`);
      for (const name of names) await desk().login(name);
      await desk().login('agent 3');
      await desk().logout(await desk().login('gone'));
      const { account, engine } = desk();
      const inFives = await everybody(engine, account, 5);
      expect(inFives.map(({ id }) => id).toSorted()).to.deep.equal(names.toSorted());
      expect(await everybody(engine, account, 100)).to.deep.equal(inFives);
      desk().leap(HOUR);
      await desk().type({ account, agent: 'agent 0', sid: 'sid-1' });
      expect((await everybody(engine, account, 4)).map(({ id }) => id)).to.deep.equal(
        inFives.map(({ id }) => id),
      );
      for (const record of inFives.slice(0, 3)) {
        const { logins: _logins, ...detail } = await desk().agent(record.id);
        expect((await everybody(engine, account)).find(({ id }) => id === record.id)).to.deep.equal(detail);
      }
    });

    it('goes on after an agent who left between two pages', async () => {
      for (const name of ['a', 'b', 'c', 'd']) await desk().login(name);
      const { account, engine } = desk();
      const first = await engine.agents(account, { after: null, limit: 2 });
      await desk().signOut(first[1]!.id);
      const second = await engine.agents(account, { after: first[1]!.id, limit: 2 });
      expect([...first, ...second].map(({ id }) => id).toSorted()).to.deep.equal(['a', 'b', 'c', 'd']);
    });

    it('counts the live and the warned of all accounts', async () => {
      const before = await desk().engine.totals();
      await desk().login('ann');
      await desk().login('bob');
      desk().leap(DEFAULT_TIMEOUT - LEAD);
      await desk().sweep();
      await desk().login('eve');
      const now = await desk().engine.totals();
      expect([now.live - before.live, now.warned - before.warned]).to.deep.equal([3, 2]);
      await desk().signOut('ann');
      await desk().signOut('eve');
      const after = await desk().engine.totals();
      expect([after.live - before.live, after.warned - before.warned]).to.deep.equal([1, 1]);
    });
  });

  describe('the feed of changes', () => {
    const desk = deskForEach(open);

    const follow = async () => {
      const follower = new Follower(desk().account);
      await follower.look(desk().engine);
      return {
        follower,
        /** What is new; and whoever follows knows exactly what is. */
        async news() {
          const changes = await follower.look(desk().engine);
          const all = await everybody(desk().engine, desk().account);
          expect(follower.records()).to.deep.equal(all.toSorted(byId));
          return { ...changes, agents: changes.agents.map(({ id }) => id).toSorted() };
        },
      };
    };

    it('begins with everybody who is live', async () => {
      await desk().login('ann');
      await desk().login('bob');
      await desk().signOut('bob');
      const changes = await desk().engine.changes(desk().account, null);
      expect(changes).to.deep.include({ reset: true, removed: [] });
      expect(changes.agents).to.deep.equal(await everybody(desk().engine, desk().account));
    });

    it('then tells of those who changed, and of nobody else', async () => {
      const ann = await desk().login('ann', { autoAssign: true });
      await desk().login('bob');
      const { news } = await follow();
      expect(await news()).to.deep.include({ reset: false, agents: [], removed: [] });
      desk().leap(SECOND);
      await desk().type(ann);
      expect((await news()).agents, 'input').to.deep.equal(['ann']);
      await desk().openTab(ann, 't1');
      expect((await news()).agents, 'a tab').to.deep.equal(['ann']);
      await desk().turnTab(ann, 't1', true);
      expect((await news()).agents, 'a tab shown').to.deep.equal(['ann']);
      await desk().setAvailable('ann', false);
      expect((await news()).agents, 'availability').to.deep.equal(['ann']);
      await desk().turnTab(ann, 't1', null);
      expect((await news()).agents, 'a tab closed').to.deep.equal(['ann']);
      await desk().login('cem');
      expect((await news()).agents, 'a new agent').to.deep.equal(['cem']);
      expect(await news()).to.deep.include({ reset: false, agents: [], removed: [] });
    });

    it('tells of warnings, resumptions and ends', async () => {
      const ann = await desk().login('ann');
      const bob = await desk().login('bob');
      const { news } = await follow();
      await desk().idleUntilWarned(ann);
      await news();
      await desk().type(bob);
      expect((await news()).agents).to.deep.equal(['bob']);
      await desk().pass(LEAD);
      const { agents, removed, reset } = await news();
      if (!reset) expect({ agents, removed }).to.deep.equal({ agents: [], removed: ['ann'] });
    });

    it('names an agent who left and came back among the live', async () => {
      const first = await desk().login('ann');
      const { news } = await follow();
      await desk().logout(first);
      await desk().login('ann');
      expect(await news()).to.deep.include({ agents: ['ann'], removed: [] });
      await desk().signOut('ann');
      expect(await news()).to.deep.include({ agents: [], removed: ['ann'] });
    });

    it('tells of everybody whom a new policy moved', async () => {
      for (const agent of ['ann', 'bob', 'cem']) await desk().login(agent);
      const { news } = await follow();
      await desk().setTimeout(MIN_TIMEOUT);
      expect((await news()).agents).to.deep.equal(['ann', 'bob', 'cem']);
    });

    it('starts anew, or catches up completely, for who has not asked for a while', async () => {
      const ann = await desk().login('ann');
      await desk().login('bob');
      const { news } = await follow();
      for (const pause of [4 * SECOND, 6 * SECOND, MINUTE, DEFAULT_TIMEOUT]) {
        desk().leap(pause);
        await desk().type(ann);
        await desk().login(`new after ${pause}`);
        await desk().sweep();
        await news();
      }
      await desk().signOut('bob');
      desk().leap(HOUR);
      await desk().sweep();
      await news();
    });

    // Found by the engines side by side, seed -1320738959.
    it('starts anew where the clock was set far back meanwhile', async () => {
      await desk().login('ann');
      await desk().sweep();
      const { cursor } = await desk().engine.changes(desk().account, null);
      desk().harness.clock.step(-HOUR);
      await desk().sweep();
      expect(await desk().engine.changes(desk().account, cursor)).to.deep.include({ reset: true });
    });

    it('starts anew with a cursor that it does not know', async () => {
      await desk().login('ann');
      for (const cursor of ['', 'x', '0', '-1', '999999999999', '__proto__', '{}', '1-1']) {
        const { reset, agents } = await desk().engine.changes(desk().account, cursor);
        expect(reset, `cursor ${cursor}`).to.equal(true);
        expect(agents.map(({ id }) => id)).to.deep.equal(['ann']);
      }
    });

    it('serves two who follow at different paces', async () => {
      const ann = await desk().login('ann');
      const fast = await follow();
      const slow = await follow();
      for (let second = 1; second <= 12; second += 1) {
        desk().leap(SECOND);
        await desk().type(ann);
        if (second % 5 === 0) await desk().login(`agent ${second}`);
        await fast.news();
        if (second % 3 === 0) await slow.news();
      }
    });
  });
}
