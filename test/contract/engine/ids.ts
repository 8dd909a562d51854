import { expect } from 'chai';
import { isId } from '../../../shared/ids.ts';
import { type Desk, deskForEach } from './desk.ts';
import { everybody, Follower } from './follower.ts';
import { LEAD, MIN_TIMEOUT, MINUTE, type OpenEngine } from './harness.ts';

const STRANGE_IDS = [
  '__proto__',
  'constructor',
  'toString',
  ':',
  'a:b',
  '{}',
  '{a}b',
  '}{',
  '%',
  '%7Ba%7D',
  '*',
  '[a-z]?',
  '\\',
  '"',
  "'",
  ' ',
  ' a ',
  '0',
  '-1',
  'null',
  '../../etc',
  '<img src=x onerror=alert(1)>',
  'e\u0301',
  '\u00e9',
  'A',
  'a',
  '\u{1f469}\u200d\u{1f4bb}',
  '\u202eabc',
  '\uffff',
  '\u{10ffff}',
  '\u{1f600}'.repeat(128),
  'x'.repeat(128),
  `${'x'.repeat(127)}y`,
];

export function idsContract(open: OpenEngine): void {
  describe('ids of any characters', () => {
    const desk = deskForEach(open);

    it('are ids', () => {
      expect(STRANGE_IDS.filter((id) => !isId(id))).to.deep.equal([]);
    });

    it('name agents and logins that nobody mixes up', async () => {
      const { account, engine } = desk();
      const logins = [];
      for (const id of STRANGE_IDS)
        logins.push(await desk().login(id, { sid: id, name: id, autoAssign: true }));
      for (const [index, login] of logins.entries()) {
        await desk().openTab(login, login.sid);
        await desk().turnTab(login, login.sid, true);
        desk().leap(1);
        await desk().type(login);
        const at = desk().now;
        expect(await desk().view(login), login.agent).to.deep.include({ lastActivityAt: at });
        expect(await engine.session(account, login.sid)).to.deep.include({ agent: login.agent, live: true });
        const found = await desk().agent(login.agent);
        expect(found).to.deep.include({
          id: login.agent,
          name: login.agent,
          tabs: 1,
          visibleTabs: 1,
          sessions: 1,
        });
        expect(found.logins.map(({ sid }) => sid)).to.deep.equal([login.sid]);
        const later = logins.slice(index + 1);
        const untouched = await engine.sessions(later);
        expect(untouched.every((seen) => seen?.state === 'active' && seen.lastActivityAt < at)).to.equal(
          true,
        );
      }
      const paged = (await everybody(engine, account, 4)).map(({ id }) => id);
      expect(paged.toSorted()).to.deep.equal(STRANGE_IDS.toSorted());
      const follower = new Follower(account);
      await follower.look(engine);
      expect([...follower.known.keys()].toSorted()).to.deep.equal(STRANGE_IDS.toSorted());
    });

    it('end one by one, each alone, and stay dead', async () => {
      const logins = [];
      for (const id of STRANGE_IDS) logins.push(await desk().login(id, { sid: id, autoAssign: true }));
      for (const [index, login] of logins.entries()) {
        desk().forget();
        if (index % 2 === 0) expect(await desk().logout(login)).to.equal(true);
        else expect(await desk().signOut(login.agent)).to.equal(true);
        expect(
          desk()
            .eventsOf('session.ended')
            .map(({ data }) => [data.agent, data.sessions]),
        ).to.deep.equal([[login.agent, [login.sid]]]);
        expect((await desk().admit(login)).ok).to.equal(false);
        const rest = await desk().engine.sessions(logins.slice(index + 1));
        expect(rest.every((seen) => seen?.state === 'active')).to.equal(true);
        const [written] = await desk().engine.events(desk().account, {
          agent: login.agent,
          types: ['session.ended'],
          limit: 5,
        });
        expect(written?.data).to.deep.include({ agent: login.agent });
      }
    });

    it('name accounts too', async () => {
      // Not an account of another test, should an engine keep its store from one to the next.
      const desks = STRANGE_IDS.map((account) => desk().elsewhere(account));
      const logins = [];
      for (const each of desks) logins.push(await each.login('ann', { sid: 's', autoAssign: true }));
      for (const [index, each] of desks.entries()) {
        await each.setTimeout(MIN_TIMEOUT + index * MINUTE);
        await each.openTab(logins[index]!, `tab of ${each.account}`);
      }
      for (const [index, each] of desks.entries()) {
        const view = await each.view(logins[index]!);
        expect(view, each.account).to.deep.include({ timeoutMs: MIN_TIMEOUT + index * MINUTE });
        expect(await each.agent('ann')).to.deep.include({ sessions: 1, tabs: 1 });
        expect(each.eventsOf('policy.changed')).to.have.length(1);
        const written = await each.engine.events(each.account, { limit: 100 });
        expect(written).to.deep.equal(each.events().toReversed());
      }
    });
  });

  describe('accounts', () => {
    const desk = deskForEach(open);

    it('with the same agents, sids and tabs see and change nothing of each other', async () => {
      const [a, b] = [desk(), desk().elsewhere()];
      const claims = { sid: 'same', name: 'Same', autoAssign: true };
      const inA = await a.login('ann', claims);
      const inB = await b.login('ann', claims);
      await a.openTab(inA, 'same tab');
      await b.openTab(inB, 'same tab of b');
      const feed = new Follower(b.account);
      await feed.look(b.engine);
      const before = await everythingOf(b);
      b.forget();

      a.leap(MINUTE);
      await a.type(inA);
      await a.turnTab(inA, 'same tab', true);
      await a.setAvailable('ann', false);
      await a.setTimeout(MIN_TIMEOUT);
      await a.engine.record(a.account, { type: 'audit.exported', data: { by: 'ann', format: 'csv' } });
      await a.idleUntilWarned(inA);
      await a.pass(LEAD);
      expect((await a.end(inA)).reason).to.equal('timeout');
      await a.logout({ ...inA, sid: 'never seen' });
      await a.signOut('ann');

      expect(b.emissions()).to.deep.equal([]);
      expect(await everythingOf(b)).to.deep.equal(before);
      expect(await b.engine.session(b.account, 'never seen')).to.equal(null);
    });

    async function everythingOf(each: Desk) {
      const { account, engine } = each;
      return {
        agent: await each.agent('ann'),
        agents: await everybody(engine, account),
        session: await engine.session(account, 'same'),
        policy: await engine.policy(account),
        events: await engine.events(account, { limit: 100 }),
      };
    }
  });
}
