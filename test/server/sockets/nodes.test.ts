import { expect } from 'chai';
import type { Emission, Engine } from '../../../server/engine/engine.ts';
import { openMemoryEngine } from '../../../server/engine/memory/memory-engine.ts';
import { createVolatileStore } from '../../../server/engine/memory/store/volatile-store.ts';
import type { Broadcast, PushMessage } from '../../../server/sockets/broadcast.ts';
import { createTestClock } from '../../support/clock.ts';
import { until } from '../../support/waiting.ts';
import { DAY, Desk, LEAD, MINUTE, SECOND, START, settle } from './desk.ts';

describe('a node that goes away', () => {
  it('sends its tabs elsewhere, spread, lets the engine have what they reported, and leaves none open', async () => {
    const desk = await Desk.open();
    try {
      const [one, two] = [await desk.tab(), await desk.tab({ sub: 'bob' })];
      await desk.pass(MINUTE);
      await desk.say(one, 'activity', { idleMs: 0 });
      const gone = desk.gateway.shutdown();
      const { message } = await one.next('reconnect');
      expect(message.afterMs).to.be.within(0, 3_000);
      await two.next('reconnect');
      expect(await desk.connect(desk.token()).refused(), 'a newcomer').to.deep.equal({ code: 'unavailable' });
      expect(await desk.engine.agent('acme', 'ada')).to.include({ lastActivityAt: START + MINUTE });
      one.close();
      await until(() => desk.counted.open === 1, 'one to leave');
      await desk.say(two, 'activity', { idleMs: 0 });
      let over = false;
      void gone.then(() => (over = true));
      for (let waited = 0; !over; waited += 100) {
        expect(waited, 'it is gone in time').to.be.at.most(4_000);
        await desk.pass(100);
      }
      await two.disconnected();
      for (const agent of ['ada', 'bob']) {
        expect(await desk.engine.agent('acme', agent), agent).to.include({ tabs: 0 });
      }
      expect((await desk.engine.agent('acme', 'bob'))!.lastActivityAt).to.be.at.least(START + MINUTE);
    } finally {
      await desk.close();
    }
  });

  it('is gone at once where it has no tabs', async () => {
    const desk = await Desk.open();
    try {
      await desk.gateway.shutdown();
    } finally {
      await desk.close();
    }
  });
});

/** Carries messages between nodes in one process, as an adapter would. */
function createWires(): { join(): Broadcast; sent: PushMessage[]; fails: boolean } {
  const listeners: ((message: PushMessage) => void)[] = [];
  const wires = {
    sent: [] as PushMessage[],
    fails: false,
    join(): Broadcast {
      let own: (message: PushMessage) => void = () => {};
      return {
        async send(message) {
          if (wires.fails) throw new Error('not published');
          wires.sent.push(message);
          for (const listener of listeners) if (listener !== own) listener(structuredClone(message));
        },
        onMessage(listener) {
          own = listener;
          listeners.push(listener);
        },
      };
    },
  };
  return wires;
}

describe('two nodes', () => {
  const clock = createTestClock(START);
  let wires: ReturnType<typeof createWires>;
  let engine: Engine;
  let here: Desk;
  let there: Desk;
  let relayed: Promise<void>[];

  beforeEach(async () => {
    wires = createWires();
    relayed = [];
    engine = await openMemoryEngine({
      leadMs: LEAD,
      minTimeoutMs: 15 * MINUTE,
      clock,
      store: createVolatileStore(),
      // All is carried out by the first node, as one claims a transition with Redis.
      relay(emission: Emission) {
        const told = here.gateway.relay(emission);
        told.catch(() => undefined);
        relayed.push(told);
      },
      log: { error() {}, warn() {} },
    });
    here = await Desk.open({ clock, engine, broadcast: wires.join() });
    there = await Desk.open({ clock, engine, broadcast: wires.join() });
  });
  afterEach(async () => {
    await here.close();
    await there.close();
    expect([...here.errors, ...there.errors]).to.deep.equal([]);
  });

  it('warn, dismiss and end the tabs of an agent on both, with one message for each', async () => {
    const [one, two] = [await here.tab(), await there.tab()];
    await here.pass(DAY - LEAD);
    const warnings = await Promise.all([one, two].map((tab) => tab.next('warning')));
    expect(warnings[0]!.message).to.deep.equal(warnings[1]!.message);
    await there.say(two, 'activity', { idleMs: 0 });
    for (const tab of [one, two]) {
      await tab.next('session', ({ lastActivityAt }) => lastActivityAt > clock.now() - SECOND);
    }
    const before = wires.sent.length;
    await here.signOut();
    for (const tab of [one, two]) await tab.next('ended');
    expect(wires.sent.length - before).to.equal(1);
  });

  it('count an emission as told only once the other one has been sent its share', async () => {
    await here.tab();
    await settle();
    await Promise.all(relayed);
    wires.fails = true;
    relayed.length = 0;
    await here.signOut();
    const outcomes = await Promise.allSettled(relayed);
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['rejected']);
  });

  it('send each other nothing about what concerns no tab', async () => {
    const before = wires.sent.length;
    await here.gateway.relay({ account: 'acme', agent: null, pushes: [], events: [] });
    expect(wires.sent.length).to.equal(before);
  });
});
