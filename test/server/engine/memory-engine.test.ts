import { expect } from 'chai';
import { type Emission, type Engine, EngineUnavailable, type Relay } from '../../../server/engine/engine.ts';
import { openMemoryEngine } from '../../../server/engine/memory/memory-engine.ts';
import type { Store, Write } from '../../../server/engine/memory/store/store.ts';
import { createTestClock } from '../../support/clock.ts';
import { createRememberingStore } from '../../support/remembering-store.ts';

const OPTIONS = { leadMs: 60_000, minTimeoutMs: 900_000 };

describe('the memory engine', () => {
  const clock = createTestClock(Date.UTC(2026, 0, 5, 9));
  const login = (agent: string) => ({
    account: 'acme',
    agent,
    sid: `sid of ${agent}`,
    loginAt: clock.now(),
    issuedAt: clock.now(),
    name: null,
    permissions: [],
    autoAssign: false,
  });

  async function open(store: Store, relay: Relay) {
    const logged: string[] = [];
    const log = {
      error: (_fields: object, message: string) => void logged.push(message),
      warn: (_fields: object, message: string) => void logged.push(message),
    };
    return { engine: await openMemoryEngine({ ...OPTIONS, clock, store, relay, log }), logged };
  }

  async function refusal(call: Promise<unknown>): Promise<unknown> {
    return call.then(
      () => 'an answer',
      (error: unknown) => error,
    );
  }

  it('tells nobody of a step before it is stored', async () => {
    const inner = createRememberingStore();
    let release = () => {};
    const stored = new Promise<void>((resolve) => {
      release = resolve;
    });
    const store: Store = {
      ...inner,
      commit: async (writes: Write[]) => {
        await stored;
        await inner.commit(writes);
      },
    };
    const told: Emission[] = [];
    const { engine } = await open(store, (emission) => void told.push(emission));
    let answered = false;
    const admission = engine.admit(login('ann')).then(() => {
      answered = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect([told.length, answered]).to.deep.equal([0, false]);
    release();
    await admission;
    expect(told).to.have.length(1);
    await engine.close();
  });

  it('tells nobody of a step that cannot be stored, and answers nothing from then on', async () => {
    const inner = createRememberingStore();
    let full = false;
    const store: Store = {
      ...inner,
      commit: async (writes: Write[]) => {
        if (full) throw new Error('no space left on device');
        await inner.commit(writes);
      },
    };
    const told: Emission[] = [];
    const { engine, logged } = await open(store, (emission) => void told.push(emission));
    await engine.admit(login('ann'));
    full = true;
    const calls = [engine.admit(login('bob')), engine.signOut({ account: 'acme', agent: 'ann', by: 'boss' })];
    for (const call of calls) expect(await refusal(call)).to.be.instanceOf(EngineUnavailable);
    expect(told).to.have.length(1);
    expect(logged).to.have.length(1);
    full = false;
    for (const call of [engine.ping(), engine.sweep(), engine.agent('acme', 'ann')]) {
      expect(await refusal(call)).to.be.instanceOf(EngineUnavailable);
    }
    await engine.close();

    const { engine: next } = await open(inner, () => {});
    const { account, agent, sid } = login('ann');
    const [ann, bob] = await next.sessions([{ account, agent, sid }, login('bob')]);
    expect(ann).to.deep.include({ state: 'active' });
    expect(bob).to.equal(null);
  });

  it('waits for no listener that is slow, and outlives one that fails', async () => {
    const told: Emission[] = [];
    const relay: Relay = (emission) => {
      told.push(emission);
      if (emission.agent === 'ann') throw new Error('thrown');
      if (emission.agent === 'bob') return Promise.reject(new Error('rejected'));
      return new Promise<void>(() => {});
    };
    const { engine, logged } = await open(createRememberingStore(), relay);
    for (const agent of ['ann', 'bob', 'cem', 'dan']) await engine.admit(login(agent));
    expect(told.map(({ agent }) => agent)).to.deep.equal(['ann', 'bob', 'cem', 'dan']);
    expect(logged).to.have.length(2);
    await engine.close();
  });

  it('stores input with the next sweep, and what is left of it when it is closed', async () => {
    const store = createRememberingStore();
    const { engine } = await open(store, () => {});
    const { account, agent, sid } = login('ann');
    await engine.admit(login('ann'));
    const typed = async (how: (engine: Engine) => Promise<unknown>) => {
      clock.advance(1_000);
      const at = clock.now();
      await engine.touch([{ account, agent, sid, at }]);
      await how(engine);
      const { engine: next } = await open(store, () => {});
      expect((await next.agent(account, agent))?.lastActivityAt).to.equal(at);
    };
    await typed(() => engine.sweep());
    await typed(() => engine.close());
  });

  it('leaves room for everything else while somebody looks for what is rare in a long audit log', async () => {
    const { engine } = await open(createRememberingStore(), () => {});
    for (let entry = 0; entry < 3_500; entry += 1)
      await engine.record('acme', {
        type: 'access.refused',
        data: { by: `agent-${entry}`, needs: 'manage_security', call: 'PUT /v1/policy' },
      });
    let turns = 0;
    let found = false;
    const takeTurn = () => {
      turns += 1;
      if (!found) setImmediate(takeTurn);
    };
    const search = engine.events('acme', { limit: 1_000, types: ['session.started'] });
    setImmediate(takeTurn);
    // Written while the search is under way: left to the next reader.
    const admitted = engine.admit(login('late'));
    expect(await search).to.deep.equal([]);
    found = true;
    expect(turns).to.be.at.least(2);
    await admitted;
    expect(await engine.events('acme', { limit: 1_000, types: ['session.started'] })).to.have.length(1);
    await engine.close();
  });
});
