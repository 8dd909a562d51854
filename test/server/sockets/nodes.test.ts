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
class Wires {
  readonly sent: PushMessage[] = [];
  fails = false;
  loses = false;
  readonly #nodes: { hear: ((message: PushMessage) => void)[]; miss: (() => void)[] }[] = [];

  join(): Broadcast {
    const own = { hear: [] as ((message: PushMessage) => void)[], miss: [] as (() => void)[] };
    this.#nodes.push(own);
    return {
      send: async (message) => {
        if (this.fails) throw new Error('not published');
        this.sent.push(message);
        if (this.loses) return;
        for (const node of this.#nodes) {
          if (node !== own) for (const hear of node.hear) hear(structuredClone(message));
        }
      },
      onMessage: (listener) => void own.hear.push(listener),
      onMissed: (listener) => void own.miss.push(listener),
    };
  }

  /** Every node learns that it may have missed something. */
  miss(): void {
    for (const { miss } of this.#nodes) for (const listener of miss) listener();
  }
}

describe('two nodes', () => {
  const clock = createTestClock(START);
  let wires: Wires;
  let engine: Engine;
  let here: Desk;
  let there: Desk;
  let relayed: Promise<void>[];

  beforeEach(async () => {
    wires = new Wires();
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

  it('ask what has become of their tabs and dashboards where messages may have gone by unheard', async () => {
    const [tab, dashboard] = [await there.tab({ sub: 'bob' }), await there.watch().complete()];
    const lasting = await there.tab();
    wires.loses = true;
    for (const agent of ['bob', 'boss']) await here.signOut(agent);
    await engine.setPolicy({
      account: 'acme',
      settings: { timeoutSeconds: 3_600, rememberMe: { agent: true, requester: true } },
      by: 'boss',
    });
    await settle();
    expect([tab.socket.connected, dashboard.ending]).to.deep.equal([true, undefined]);
    wires.miss();
    await tab.next('ended');
    await dashboard.disconnected();
    expect(dashboard.all('ended')[0]).to.include({ reason: 'admin' });
    await lasting.next('session', ({ timeoutMs }) => timeoutMs === 3_600_000);
  });

  it('close a dashboard on the one where the other hears that its permission is gone', async () => {
    const dashboard = await there.watch({ sid: 's-1' }).complete();
    clock.advance(SECOND);
    await here.tab({ sub: 'boss', sid: 's-1', permissions: [] });
    await dashboard.disconnected();
  });

  it('send each other nothing about what concerns no tab', async () => {
    const before = wires.sent.length;
    await here.gateway.relay({ account: 'acme', agent: null, pushes: [], events: [] });
    expect(wires.sent.length).to.equal(before);
  });
});
