import { expect } from 'chai';
import { type Engine, EngineUnavailable, type LoginRef } from '../../../server/engine/engine.ts';
import { Refresh } from '../../../server/sockets/refresh.ts';
import { Tab, type TabSocket } from '../../../server/sockets/tab.ts';
import { TabRegistry } from '../../../server/sockets/tab-registry.ts';
import { Telling } from '../../../server/sockets/telling.ts';
import type { SessionView } from '../../../shared/protocol.ts';
import { createTestClock } from '../../support/clock.ts';
import { until } from '../../support/waiting.ts';
import { createCounted, DAY, LEAD, START, settle } from './desk.ts';

const VIEW: SessionView = {
  rev: 2,
  state: 'active',
  lastActivityAt: START,
  deadlineAt: START + DAY,
  endsAt: START + DAY,
  warnAt: START + DAY - LEAD,
  timeoutMs: DAY,
  leadMs: LEAD,
  available: null,
};

describe('telling many tabs', () => {
  function open(agents: number) {
    const clock = createTestClock(START);
    const errors: unknown[] = [];
    const log = { info() {}, warn() {}, error: (fields: object) => void errors.push(fields) };
    const asked: number[] = [];
    const engine = {
      down: false,
      now: () => clock.now(),
      async sessions(logins: LoginRef[]) {
        if (engine.down) throw new EngineUnavailable('away');
        asked.push(logins.length);
        return logins.map(() => VIEW);
      },
    };
    const registry = new TabRegistry();
    const told: string[] = [];
    for (let i = 0; i < agents; i += 1) {
      const login = { account: 'acme', agent: `a-${i}`, sid: `s-${i}` };
      const connection = { checkReading: () => true };
      const data = { token: { login }, connection };
      const socket = { id: `t-${i}`, data, emit: () => told.push(login.agent) };
      const tab = new Tab(socket as unknown as TabSocket);
      tab.isOpen = true;
      registry.add(tab);
    }
    const counts = createCounted();
    const telling = new Telling({ engine: engine as unknown as Engine, registry, clock, counts, log });
    return { clock, errors, asked, engine, registry, told, refresh: new Refresh({ telling, clock, log }) };
  }

  it('goes in pieces, between which the event loop runs', async () => {
    const { registry, refresh, told, asked } = open(10_000);
    refresh.add(registry.agents('acme'));
    const pieces: number[] = [];
    let before = 0;
    while (told.length < 10_000) {
      await new Promise((resolve) => setImmediate(resolve));
      pieces.push(told.length - before);
      before = told.length;
    }
    expect(Math.max(...pieces)).to.be.at.most(400);
    expect(Math.max(...asked)).to.be.at.most(200);
    expect(new Set(told).size).to.equal(10_000);
    await settle();
    expect(told).to.have.length(10_000);
  });

  it('starts once more for those who wait again, not for each time they are asked for', async () => {
    const { registry, refresh, told } = open(50);
    for (let i = 0; i < 10; i += 1) refresh.add(registry.agents());
    await until(() => told.length >= 50, 'all to be told');
    await settle();
    expect(told.length).to.be.at.most(100);
  });

  it('is tried again where the engine is away', async () => {
    const { clock, registry, refresh, told, engine, errors } = open(300);
    engine.down = true;
    refresh.add(registry.agents());
    await settle();
    expect(told).to.deep.equal([]);
    engine.down = false;
    clock.advance(1_000);
    await until(() => told.length === 300, 'all to be told');
    expect(errors).to.deep.equal([]);
  });
});
