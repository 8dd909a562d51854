import { expect } from 'chai';
import { deskForEach } from './desk.ts';
import { DEFAULT_TIMEOUT, HOUR, LEAD, MINUTE, type OpenEngine, SECOND } from './harness.ts';

export function tabsContract(open: OpenEngine): void {
  describe('tabs', () => {
    const desk = deskForEach(open);

    it('answers the session to a tab that opens, not visible yet', async () => {
      const login = await desk().login('ann');
      const session = await desk().view(login);
      expect(await desk().openTab(login, 't1')).to.deep.equal({ ok: true, session, permissions: [] });
      expect(await desk().agent('ann')).to.deep.include({ tabs: 1, visibleTabs: 0, leftAt: null });
    });

    it('open with a login that begins', async () => {
      const login = desk().token('ann', { autoAssign: true });
      const admission = await desk().openTab(login, 't1');
      expect(admission).to.deep.include({ ok: true, session: await desk().view(login) });
      expect(await desk().agent('ann')).to.deep.include({
        sessions: 1,
        tabs: 1,
        visibleTabs: 0,
        leftAt: null,
      });
    });

    it('open not at all where the login is refused', async () => {
      const login = await desk().login('ann');
      const old = desk().token('bob', { loginAt: desk().now - DEFAULT_TIMEOUT });
      expect(await desk().openTab(old, 't1')).to.deep.include({ ok: false, reason: 'timeout' });
      const stolen = { ...desk().token('cem'), sid: login.sid };
      expect(await desk().openTab(stolen, 't2')).to.deep.equal({ ok: false, code: 'token_invalid' });
      expect(await desk().agent('ann')).to.deep.include({ tabs: 0 });
      expect(await desk().engine.agent(desk().account, 'bob')).to.equal(null);
    });

    it('counts tabs over all logins, and those that are shown', async () => {
      const first = await desk().login('ann');
      const second = await desk().login('ann');
      await desk().openTab(first, 't1');
      await desk().openTab(first, 't2');
      await desk().openTab(second, 't3');
      await desk().openTab(second, 't3');
      await desk().turnTab(first, 't2', true);
      expect(await desk().agent('ann')).to.deep.include({ tabs: 3, visibleTabs: 1 });
      await desk().turnTab(second, 't3', true);
      await desk().turnTab(first, 't1', null);
      expect(await desk().agent('ann')).to.deep.include({ tabs: 2, visibleTabs: 2 });
    });

    it('knows since when the last visible tab is hidden, and when the last one closed', async () => {
      const login = await desk().login('ann');
      await desk().openTab(login, 't1');
      await desk().openTab(login, 't2');
      await desk().turnTab(login, 't1', true);
      await desk().turnTab(login, 't2', true);
      desk().leap(MINUTE);
      await desk().turnTab(login, 't1', false);
      desk().leap(MINUTE);
      await desk().turnTab(login, 't2', false);
      const hiddenAt = desk().now;
      expect(await desk().agent('ann')).to.deep.include({ visibleTabs: 0, hiddenAt });
      desk().leap(MINUTE);
      await desk().turnTab(login, 't1', null);
      expect(await desk().agent('ann')).to.deep.include({ tabs: 1, hiddenAt, leftAt: null });
      await desk().turnTab(login, 't2', null);
      expect(await desk().agent('ann')).to.deep.include({ tabs: 0, leftAt: desk().now, leftVisible: false });
      await desk().openTab(login, 't4');
      await desk().turnTab(login, 't4', true);
      expect(await desk().agent('ann')).to.deep.include({ tabs: 1, visibleTabs: 1, leftAt: null });
      desk().leap(MINUTE);
      await desk().turnTab(login, 't4', null);
      expect(await desk().agent('ann')).to.deep.include({ tabs: 0, leftAt: desk().now, leftVisible: true });
    });

    it('shows the tabs of each login', async () => {
      const first = await desk().login('ann');
      desk().leap(SECOND);
      const second = await desk().login('ann');
      await desk().openTab(first, 't1');
      await desk().turnTab(first, 't1', true);
      const { logins } = await desk().agent('ann');
      const shown = logins.toSorted((a, b) => a.startedAt - b.startedAt);
      expect(shown).to.deep.equal([
        { sid: first.sid, startedAt: first.loginAt, tabs: [{ visible: true, since: desk().now }] },
        { sid: second.sid, startedAt: second.loginAt, tabs: [] },
      ]);
    });

    it('are no activity, and save nobody who is warned', async () => {
      const login = await desk().login('ann');
      desk().leap(HOUR);
      const before = await desk().view(login);
      const bustle = async () => {
        await desk().openTab(login, 't1');
        for (const visible of [true, false, true, null]) await desk().turnTab(login, 't1', visible);
      };
      await bustle();
      expect(await desk().view(login)).to.deep.include({
        lastActivityAt: login.loginAt,
        endsAt: before.endsAt,
      });
      const warned = await desk().idleUntilWarned(login);
      await bustle();
      expect(await desk().view(login)).to.deep.include({ state: 'warning', endsAt: warned.endsAt });
      await desk().pass(LEAD);
      await desk().end(login);
    });

    it('give the same deadline silent in any number as none at all', async () => {
      const logins = [];
      for (const tabs of [0, 1, 5]) {
        const login = await desk().login(`agent with ${tabs}`, { loginAt: desk().now });
        for (let tab = 0; tab < tabs; tab += 1) {
          await desk().openTab(login, `${login.sid}-${tab}`);
          await desk().turnTab(login, `${login.sid}-${tab}`, true);
        }
        logins.push(login);
      }
      desk().leap(DEFAULT_TIMEOUT - LEAD);
      await desk().sweep();
      expect(desk().eventsOf('session.warned')).to.have.length(logins.length);
      await desk().pass(LEAD);
      for (const login of logins) expect((await desk().end(login)).endedAt).to.equal(desk().now);
    });

    it('are ignored where they are unknown, or the login is not alive', async () => {
      const login = await desk().login('ann');
      await desk().turnTab(login, 'never-opened', true);
      await desk().turnTab(login, 'never-opened', null);
      expect(await desk().agent('ann')).to.deep.include({ tabs: 0, visibleTabs: 0, leftAt: null });
      await desk().turnTab({ ...login, agent: 'nobody' }, 'never-opened', true);
      await desk().engine.updateTabs([]);
      await desk().logout(login);
      expect(await desk().openTab(login, 't1')).to.deep.include({ ok: false, reason: 'logout' });
      expect(await desk().agent('ann')).to.deep.include({ tabs: 0 });
    });

    it('leave presence with the session that they belong to', async () => {
      const first = await desk().login('ann');
      const second = await desk().login('ann');
      await desk().openTab(first, 't1');
      await desk().turnTab(first, 't1', true);
      await desk().openTab(second, 't2');
      await desk().logout(first);
      expect(await desk().agent('ann')).to.deep.include({ tabs: 1, visibleTabs: 0 });
      await desk().signOut('ann');
      expect(await desk().agent('ann')).to.deep.include({ tabs: 0, visibleTabs: 0 });
    });

    // Found by the engines side by side, seed 1226195636.
    it('belong to the login that they opened with last', async () => {
      const first = await desk().login('ann');
      const second = await desk().login('ann');
      await desk().openTab(first, 't1');
      await desk().openTab(second, 't1');
      await desk().logout(first);
      await desk().turnTab(second, 't1', true);
      expect(await desk().agent('ann')).to.deep.include({ tabs: 1, visibleTabs: 1 });
    });

    it('of an ended session leave the next one alone when they close late', async () => {
      const first = await desk().login('ann');
      await desk().openTab(first, 't1');
      await desk().turnTab(first, 't1', true);
      await desk().signOut('ann');
      const second = await desk().login('ann');
      await desk().openTab(second, 't2');
      await desk().turnTab(second, 't2', true);
      await desk().turnTab(first, 't1', null);
      expect(await desk().agent('ann')).to.deep.include({ tabs: 1, visibleTabs: 1, leftAt: null });
    });
  });

  describe('the kind of inactivity that ended a session', () => {
    const desk = deskForEach(open);

    const kindAfter = async (
      arrange: (login: Awaited<ReturnType<ReturnType<typeof desk>['login']>>) => Promise<void>,
    ) => {
      const login = await desk().login('ann');
      await arrange(login);
      await desk().idleUntilWarned(login);
      await desk().pass(LEAD);
      return desk()
        .eventsOf('session.ended')
        .map(({ data }) => data.inactivity);
    };

    it('is not_open where no tab was open', async () => {
      const kinds = await kindAfter(async (login) => {
        await desk().openTab(login, 't1');
        await desk().turnTab(login, 't1', true);
        await desk().turnTab(login, 't1', null);
      });
      expect(kinds).to.deep.equal(['not_open']);
    });

    it('is not_active_tab where none of the open tabs was visible', async () => {
      const kinds = await kindAfter(async (login) => {
        await desk().openTab(login, 't1');
        await desk().openTab(login, 't2');
        await desk().turnTab(login, 't2', true);
        await desk().turnTab(login, 't2', false);
      });
      expect(kinds).to.deep.equal(['not_active_tab']);
    });

    it('is no_input where a tab was visible', async () => {
      const kinds = await kindAfter(async (login) => {
        await desk().openTab(login, 't1');
        await desk().openTab(login, 't2');
        await desk().turnTab(login, 't2', true);
      });
      expect(kinds).to.deep.equal(['no_input']);
    });
  });
}
