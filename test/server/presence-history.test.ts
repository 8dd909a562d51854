import { expect } from 'chai';
import { EngineUnavailable } from '../../server/engine/engine.ts';
import { openMemoryEngine } from '../../server/engine/memory/memory-engine.ts';
import { createVolatileStore } from '../../server/engine/memory/store/volatile-store.ts';
import { createPresenceHistory } from '../../server/presence-history.ts';
import { createTestClock } from '../support/clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

async function stage() {
  const faults: object[] = [];
  const clock = createTestClock(Date.UTC(2026, 10, 23));
  const engine = await openMemoryEngine({
    leadMs: MINUTE,
    minTimeoutMs: 15 * MINUTE,
    clock,
    store: createVolatileStore(),
    relay: () => {},
    log: { error: (fields) => faults.push(fields), warn: () => {} },
  });
  let asked = 0;
  let reachable = true;
  const counting = {
    now: () => engine.now(),
    async agents(...args: Parameters<typeof engine.agents>) {
      asked += 1;
      if (!reachable) throw new EngineUnavailable('away');
      return engine.agents(...args);
    },
  };
  const history = createPresenceHistory({
    engine: counting,
    clock,
    display: { idleAfterMs: MINUTE, leaveGraceMs: 5_000 },
    log: { error: (fields) => faults.push(fields) },
  });
  /** Lets minutes pass one by one, each with its counting. */
  const pass = async (minutes: number) => {
    for (let minute = 0; minute < minutes; minute += 1) {
      clock.advance(MINUTE);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const signIn = (agent: string) =>
    engine.admit({
      account: 'acme',
      agent,
      sid: `login-of-${agent}`,
      loginAt: clock.now(),
      issuedAt: clock.now(),
      name: null,
      permissions: [],
      autoAssign: false,
    });
  return {
    history,
    pass,
    signIn,
    clock,
    faults,
    get asked() {
      return asked;
    },
    reach(is: boolean) {
      reachable = is;
    },
    async close() {
      history.close();
      await engine.close();
    },
  };
}

describe('presence over time', () => {
  let desk: Awaited<ReturnType<typeof stage>>;
  beforeEach(async () => {
    desk = await stage();
  });
  afterEach(() => desk.close());

  it('is counted once a minute from the first time that somebody reads it', async () => {
    await desk.signIn('ada');
    const first = await desk.history.read('acme', 'hour');
    expect(first.stepSeconds).to.equal(60);
    expect(first.points).to.deep.equal([
      { at: desk.clock.now(), active: 0, idle: 0, background: 0, offline: 1 },
    ]);
    await desk.signIn('ben');
    await desk.pass(2);
    const { points } = await desk.history.read('acme', 'hour');
    expect(points.map(({ offline }) => offline)).to.deep.equal([1, 2, 2]);
  });

  it('costs nothing for accounts that nobody looks at', async () => {
    await desk.signIn('ada');
    await desk.pass(5);
    expect(desk.asked).to.equal(0);
    expect(desk.clock.pending).to.equal(0);
  });

  it('keeps a day of points, and shows an hour of them or the day in larger steps', async () => {
    await desk.history.read('acme', 'hour');
    await desk.pass(25 * 60);
    const hour = await desk.history.read('acme', 'hour');
    const day = await desk.history.read('acme', 'day');
    expect(hour.points).to.have.length.within(60, 61);
    expect(day.stepSeconds).to.equal(300);
    expect(day.points).to.have.length.within(288, 289);
    expect(desk.clock.now() - day.points[0]!.at).to.be.at.most(24 * HOUR);
  });

  it('is not counted any more a week after it was read last', async () => {
    await desk.history.read('acme', 'hour');
    await desk.pass(7 * 24 * 60 + 1);
    expect(desk.clock.pending).to.equal(0);
    const { asked } = desk;
    await desk.pass(3);
    expect(desk.asked).to.equal(asked);
  });

  it('has no point where the engine was away, and goes on when it is back', async () => {
    await desk.history.read('acme', 'hour');
    desk.reach(false);
    await desk.pass(3);
    desk.reach(true);
    await desk.pass(1);
    const { points } = await desk.history.read('acme', 'hour');
    expect(points.map(({ at }) => desk.clock.now() - at)).to.deep.equal([4 * MINUTE, 0]);
    expect(desk.faults).to.be.empty;
  });

  it('of one account holds nobody of another', async () => {
    await desk.signIn('ada');
    const { points } = await desk.history.read('other', 'hour');
    expect(points[0]).to.include({ active: 0, idle: 0, background: 0, offline: 0 });
  });
});
