import { expect } from 'chai';
import { type Engine, EngineUnavailable } from '../../../server/engine/engine.ts';
import { deskForEach } from './desk.ts';
import { MINUTE, type OpenEngine } from './harness.ts';

export function lifecycleContract(open: OpenEngine): void {
  describe('the engine itself', () => {
    const desk = deskForEach(open);

    it('answers', async () => {
      await desk().engine.ping();
    });

    it('knows its time without asking', () => {
      const before = desk().engine.now();
      desk().leap(MINUTE);
      expect([before, desk().engine.now()]).to.deep.equal([
        desk().harness.clock.now() - MINUTE,
        desk().harness.clock.now(),
      ]);
    });

    it('has told the relay by the time that an operation resolves', async () => {
      const heard: number[] = [];
      const count = () => heard.push(desk().emissions().length);
      await desk().login('ann', { autoAssign: true }).then(count);
      await desk().setAvailable('ann', false).then(count);
      await desk()
        .setTimeout(60 * MINUTE)
        .then(count);
      await desk().signOut('ann').then(count);
      expect(
        heard.every((told, index) => told > (heard[index - 1] ?? 0)),
        heard.join(' '),
      ).to.equal(true);
    });

    it('tells in the order in which things came about', async () => {
      const logins = await Promise.all(
        Array.from({ length: 50 }, (_, index) => desk().login(`agent ${index}`)),
      );
      await Promise.all(logins.map((login) => desk().logout(login)));
      for (const { agent } of logins) {
        expect(desk().eventTypes(agent)).to.deep.equal(['session.started', 'session.ended']);
      }
      const ids = desk()
        .events()
        .map(({ id }) => id);
      expect(ids.toSorted()).to.deep.equal(ids);
    });

    it('answers nothing once it is closed, and says so by its code', async () => {
      const login = await desk().login('ann');
      const { account, engine } = desk();
      await engine.close();
      const calls: Record<string, () => Promise<unknown>> = {
        ping: () => engine.ping(),
        admit: () => engine.admit(login),
        sessions: () => engine.sessions([login]),
        session: () => engine.session(account, login.sid),
        admitWithTab: () => engine.admit(login, 't1'),
        updateTabs: () => engine.updateTabs([{ ...login, tab: 't1', visible: true, at: 0 }]),
        touch: () => engine.touch([{ ...login, at: 0 }]),
        sweep: () => engine.sweep(),
        endSession: () => engine.endSession(login),
        signOut: () => engine.signOut({ account, agent: 'ann', by: 'boss' }),
        signOutStranger: () => engine.signOut({ account, agent: 'nobody', by: 'boss' }),
        setAvailability: () => setAvailability(engine, account, 'ann'),
        setAvailabilityOfStranger: () => setAvailability(engine, account, 'nobody'),
        policy: () => engine.policy(account),
        setPolicy: () => setPolicy(engine, account),
        preview: () => engine.preview(account, 900),
        agent: () => engine.agent(account, 'ann'),
        agents: () => engine.agents(account, { after: null, limit: 1 }),
        changes: () => engine.changes(account, null),
        events: () => engine.events(account, { limit: 1 }),
        totals: () => engine.totals(),
        record: () => engine.record(account, { type: 'audit.exported', data: { by: 'x', format: 'csv' } }),
      };
      for (const [name, call] of Object.entries(calls)) {
        const failure = await call().then(
          () => 'an answer',
          (error: unknown) => error,
        );
        expect(failure, name).to.be.instanceOf(EngineUnavailable);
        expect(failure, name).to.have.property('code', 'unavailable');
      }
    });

    it('is closed once, however often it is told to', async () => {
      await desk().login('ann');
      const { engine } = desk();
      await Promise.all([engine.close(), engine.close()]);
      await engine.close();
    });
  });
}

function setAvailability(engine: Engine, account: string, agent: string) {
  return engine.setAvailability({ account, agent, available: true, by: { cause: 'agent', id: agent } });
}

function setPolicy(engine: Engine, account: string) {
  const settings = { timeoutSeconds: 900, rememberMe: { agent: true, requester: true } };
  return engine.setPolicy({ account, settings, by: 'boss' });
}
