import { expect } from 'chai';
import { type Engine, EngineUnavailable } from '../../server/engine/engine.ts';
import { createPresenceHistory, stretchesOf } from '../../server/presence-history.ts';
import { startPresenceRecorder } from '../../server/presence-recorder.ts';
import type { EngineHarness } from '../contract/engine/harness.ts';
import { createTestClock } from '../support/clock.ts';
import { openTabOf } from '../support/engine-tab.ts';
import { openDurable, openVolatile } from '../support/memory-engine.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const OPTIONS = { leadMs: MINUTE, minTimeoutMs: 15 * MINUTE };

/** One node's recorder and reader around an engine. Its timers run by a clock of their own, in step with the engine's. */
function stage(harness: EngineHarness) {
  const faults: object[] = [];
  const timers = createTestClock(0);
  let asked = 0;
  let reachable = true;
  let broken = '';
  const engine: Pick<Engine, 'agents' | 'now' | 'recordings'> = {
    now: () => harness.engine.now(),
    get recordings() {
      if (!reachable) throw new EngineUnavailable('away');
      return harness.engine.recordings;
    },
    async agents(...args) {
      asked += 1;
      if (args[0] === broken) throw new Error(`${broken} cannot be read`);
      return harness.engine.agents(...args);
    },
  };
  const display = { idleAfterMs: MINUTE, leaveGraceMs: 5_000 };
  const log = { error: (fields: object) => void faults.push(fields) };
  const recorder = startPresenceRecorder({ engine, clock: timers, display, log });
  const history = createPresenceHistory(engine, recorder);
  /** The recorder arms its timer when a round is over. */
  const settled = async () => {
    while (timers.pending === 0) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    recorder,
    history,
    faults,
    get asked() {
      return asked;
    },
    breakDown(account: string) {
      broken = account;
    },
    reach(is: boolean) {
      reachable = is;
    },
    /** Lets minutes pass one by one, each with its recording. */
    async pass(minutes: number) {
      for (let minute = 0; minute < minutes; minute += 1) {
        harness.clock.advance(MINUTE);
        timers.advance(10_000);
        await settled();
      }
    },
    signIn: (agent: string, sid = `login-of-${agent}`) =>
      harness.engine.admit({
        account: 'acme',
        agent,
        sid,
        loginAt: harness.clock.now(),
        issuedAt: harness.clock.now(),
        name: null,
        permissions: [],
        autoAssign: false,
      }),
  };
}

describe('presence over time', () => {
  let harness: EngineHarness;
  let desk: ReturnType<typeof stage>;
  beforeEach(async () => {
    harness = await openVolatile(OPTIONS);
    desk = stage(harness);
  });
  afterEach(async () => {
    await desk.recorder.close();
    await harness.close();
    expect(desk.faults).to.be.empty;
  });

  it('is recorded once a minute from the first time that somebody reads it', async () => {
    await desk.signIn('ada');
    const first = await desk.history.counts('acme', 'hour');
    expect(first.stepSeconds).to.equal(60);
    expect(first.points).to.deep.equal([
      { at: harness.clock.now(), active: 0, idle: 0, background: 0, offline: 1 },
    ]);
    await desk.signIn('ben');
    await desk.pass(2);
    const { points } = await desk.history.counts('acme', 'hour');
    expect(points.map(({ offline }) => offline)).to.deep.equal([1, 2, 2]);
  });

  it('reads nobody of accounts that nobody looks at', async () => {
    await desk.signIn('ada');
    await desk.pass(5);
    expect(desk.asked).to.equal(0);
  });

  it('keeps a day of points, and shows an hour of them or the day in larger steps', async () => {
    await desk.history.counts('acme', 'hour');
    await desk.pass(25 * 60);
    const hour = await desk.history.counts('acme', 'hour');
    const day = await desk.history.counts('acme', 'day');
    expect(hour.points).to.have.length.within(60, 61);
    expect(day.stepSeconds).to.equal(300);
    expect(day.points).to.have.length.within(288, 289);
    expect(harness.clock.now() - day.points[0]!.at).to.be.at.most(24 * HOUR);
  });

  it('has no point where the engine was away, and goes on when it is back', async () => {
    await desk.history.counts('acme', 'hour');
    desk.reach(false);
    await desk.pass(3);
    desk.reach(true);
    await desk.pass(1);
    const { points } = await desk.history.counts('acme', 'hour');
    expect(points.map(({ at }) => harness.clock.now() - at)).to.deep.equal([4 * MINUTE, 0]);
  });

  it('has a gap for an account that cannot be read, and none for the others', async () => {
    for (const account of ['acme', 'beta', 'gamma']) await desk.history.counts(account, 'hour');
    desk.breakDown('beta');
    await desk.pass(1);
    expect(desk.faults.splice(0)).to.have.lengthOf(1);
    desk.breakDown('');
    for (const account of ['acme', 'gamma'])
      expect((await desk.history.counts(account, 'hour')).points, account).to.have.lengthOf(2);
  });

  it('of one account holds nobody of another', async () => {
    await desk.signIn('ada');
    const { points } = await desk.history.counts('other', 'hour');
    expect(points[0]).to.include({ active: 0, idle: 0, background: 0, offline: 0 });
    expect(await desk.history.trail('other', 'ada')).to.deep.equal([]);
  });

  it('tells an agent’s states: a tab, input, silence, being warned, signed out, and back', async () => {
    const start = harness.clock.now();
    await desk.history.counts('acme', 'hour');
    await desk.pass(1);
    await desk.signIn('ada');
    const tab = { account: 'acme', agent: 'ada', sid: 'login-of-ada', tab: 't' };
    await openTabOf(harness.engine, tab);
    await harness.engine.updateTabs([{ ...tab, visible: true, at: harness.clock.now() }]);
    await harness.engine.touch([{ ...tab, at: harness.clock.now() + 59_000 }]);
    harness.clock.advance(30_000);
    await harness.engine.touch([{ ...tab, at: harness.clock.now() }]);
    await desk.pass(3);
    await harness.engine.signOut({ account: 'acme', agent: 'ada', by: 'mia' });
    await desk.pass(2);
    await desk.signIn('ada', 'another');
    await desk.pass(1);
    harness.clock.advance(20_000);
    const trail = await desk.history.trail('acme', 'ada');
    const told = trail.map(({ state, from, until }) => [state, from - start, until - start]);
    expect(told).to.deep.equal([
      ['signed_out', 0, 2.5 * MINUTE],
      ['idle', 2.5 * MINUTE, 5.5 * MINUTE],
      ['signed_out', 5.5 * MINUTE, 7.5 * MINUTE],
      ['offline', 7.5 * MINUTE, 7.5 * MINUTE + 20_000],
    ]);
  });

  it('draws no stretch across a gap, and none before anybody recorded', () => {
    const at = (minutes: number) => minutes * MINUTE;
    const turns = [
      { state: 'active' as const, at: at(1) },
      { state: 'idle' as const, at: at(11) },
    ];
    const recorded = [0, 1, 2, 11, 12].map(at);
    expect(stretchesOf(turns, recorded, at(30))).to.deep.equal([
      { state: 'signed_out', from: 0, until: at(1) },
      { state: 'active', from: at(1), until: at(2) },
      { state: 'idle', from: at(11), until: at(12) },
    ]);
    expect(stretchesOf([], [], at(30))).to.deep.equal([]);
  });
});

describe('presence over time on a store', () => {
  it('goes on after a kill -9: what was recorded is there, what nobody saw is a gap', async () => {
    const harness = await openDurable(OPTIONS);
    const before = stage(harness);
    await before.signIn('ada');
    await before.history.counts('acme', 'hour');
    await before.pass(2);
    await before.recorder.close();
    await harness.reopen(20 * MINUTE);
    const after = stage(harness);
    await after.pass(2);
    const now = harness.clock.now();
    const { points } = await after.history.counts('acme', 'hour');
    expect(points.map(({ at, offline }) => [(now - at) / MINUTE, offline])).to.deep.equal([
      [24, 1],
      [23, 1],
      [22, 1],
      [1, 1],
      [0, 1],
    ]);
    const trail = await after.history.trail('acme', 'ada');
    expect(trail.map(({ state, from, until }) => [state, now - from, now - until])).to.deep.equal([
      ['offline', 24 * MINUTE, 22 * MINUTE],
      ['offline', MINUTE, 0],
    ]);
    await after.recorder.close();
    await harness.close();
  });
});
