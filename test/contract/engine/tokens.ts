import { expect } from 'chai';
import { deskForEach } from './desk.ts';
import { DAY, MINUTE, type OpenEngine } from './harness.ts';

export function tokensContract(open: OpenEngine): void {
  describe('what tokens say', () => {
    const desk = deskForEach(open);

    it('takes the permissions of the newest token seen for a sid, and tells its sockets where they differ', async () => {
      const login = await desk().login('ann', { permissions: ['manage_security'] });
      desk().forget();
      const newer = { ...login, issuedAt: login.issuedAt + MINUTE, permissions: ['view_presence' as const] };
      expect(await desk().admit(newer)).to.deep.include({ ok: true, permissions: ['view_presence'] });
      expect(desk().pushes('access', 'ann')).to.deep.equal([
        { type: 'access', sid: login.sid, permissions: ['view_presence'] },
      ]);
      expect(await desk().admit(login), 'an older token').to.deep.include({
        ok: true,
        permissions: ['view_presence'],
      });
      expect(desk().pushes('access', 'ann')).to.have.length(1);
    });

    it('lets a token of the same moment count as the newest', async () => {
      const login = await desk().login('ann', { permissions: ['manage_security'] });
      expect(await desk().admit({ ...login, permissions: [] })).to.deep.include({
        ok: true,
        permissions: [],
      });
    });

    it('tells nobody of a newer token with the same permissions', async () => {
      const login = await desk().login('ann', { permissions: ['manage_security', 'view_presence'] });
      desk().forget();
      await desk().admit({
        ...login,
        issuedAt: login.issuedAt + MINUTE,
        permissions: ['view_presence', 'manage_security'],
      });
      expect(desk().pushes('access', 'ann')).to.deep.equal([]);
    });

    it('keeps the permissions of each sid apart', async () => {
      const first = await desk().login('ann', { permissions: ['manage_security'] });
      await desk().login('ann', { permissions: [], issuedAt: first.issuedAt + MINUTE });
      expect(await desk().admit(first)).to.deep.include({ ok: true, permissions: ['manage_security'] });
    });

    it('takes the name from the newest token of the agent, whichever sid it is for', async () => {
      const issuedAt = desk().now;
      const first = await desk().login('ann', { issuedAt, name: 'Ann' });
      await desk().login('ann', { issuedAt: issuedAt - MINUTE, name: 'Ann Old' });
      expect((await desk().agent('ann')).name).to.equal('Ann');
      await desk().login('ann', { issuedAt: issuedAt + MINUTE, name: 'Ann New' });
      expect((await desk().agent('ann')).name).to.equal('Ann New');
      await desk().admit({ ...first, issuedAt: issuedAt + 2 * MINUTE, name: 'Ann Newest' });
      expect((await desk().agent('ann')).name).to.equal('Ann Newest');
    });

    it('finds an agent available when first seen with auto-assignment', async () => {
      const login = await desk().login('ann', { autoAssign: true });
      await desk().login('bob');
      expect((await desk().view(login)).available).to.equal(true);
      expect((await desk().agent('ann')).available).to.equal(true);
      expect((await desk().agent('bob')).available).to.equal(null);
    });

    it('lets the newest token of the agent decide on auto-assignment, and keeps what was set before', async () => {
      const login = await desk().login('ann', { autoAssign: true });
      await desk().setAvailable('ann', false);
      const without = { ...login, issuedAt: login.issuedAt + MINUTE, autoAssign: false };
      await desk().admit(without);
      expect((await desk().view(login)).available).to.equal(null);
      await desk().admit(login);
      expect((await desk().view(login)).available, 'an older token').to.equal(null);
      await desk().admit({ ...without, issuedAt: without.issuedAt + MINUTE, autoAssign: true });
      expect((await desk().view(login)).available).to.equal(false);
    });

    it('keeps availability from one login to the next', async () => {
      const first = await desk().login('ann', { autoAssign: true });
      await desk().setAvailable('ann', false);
      await desk().logout(first);
      desk().leap(20 * DAY);
      await desk().sweep();
      const second = await desk().login('ann', { autoAssign: true });
      expect((await desk().view(second)).available).to.equal(false);
    });
  });
}
