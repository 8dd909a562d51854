import { expect } from 'chai';
import {
  EngineUnavailable,
  type LoginRef,
  type TabChange,
  type TouchReport,
} from '../../../server/engine/engine.ts';
import { FLUSH_MS, Reports } from '../../../server/sockets/reports.ts';
import { createTestClock } from '../../support/clock.ts';
import { createCounted, settle } from './desk.ts';

const logins = new Map<string, LoginRef>();
/** The same object for the same login, as its tabs share it. */
function loginOf(agent: string): LoginRef {
  const login = logins.get(agent) ?? { account: 'acme', agent, sid: `s-${agent}` };
  logins.set(agent, login);
  return login;
}
function change(tab: string, visible: boolean | null): TabChange {
  return { account: 'acme', agent: 'ada', sid: 's-1', tab, visible, at: 1 };
}

describe('reports on their way to the engine', () => {
  function open(keep = 100) {
    const clock = createTestClock(0);
    const counts = createCounted();
    const errors: unknown[] = [];
    const sent: string[] = [];
    const engine = {
      failure: undefined as Error | undefined,
      held: Promise.resolve(),
      async touch(batch: TouchReport[]) {
        await engine.held;
        if (engine.failure) throw engine.failure;
        sent.push(...batch.map(({ agent, at }) => `${agent}@${at}`));
      },
      async updateTabs(batch: TabChange[]) {
        if (engine.failure) throw engine.failure;
        sent.push(...batch.map(({ tab, visible }) => `${tab}:${visible}`));
      },
    };
    const log = { info() {}, warn() {}, error: (fields: object) => void errors.push(fields) };
    return {
      clock,
      counts,
      errors,
      sent,
      engine,
      reports: new Reports({ engine, clock, keep, counts, log, onTabs() {} }),
    };
  }

  it('go together after a short wait, the newest of each, tabs first', async () => {
    const { clock, reports, sent } = open();
    reports.input(loginOf('ada'), 10, { atOnce: false });
    reports.tab(change('t-1', true));
    reports.input(loginOf('ada'), 9, { atOnce: false });
    reports.input(loginOf('bob'), 5, { atOnce: false });
    reports.tab(change('t-1', null));
    clock.advance(FLUSH_MS - 1);
    await settle();
    expect(sent).to.deep.equal([]);
    clock.advance(1);
    await settle();
    expect(sent).to.deep.equal(['t-1:null', 'ada@10', 'bob@5']);
    expect(clock.pending).to.equal(0);
  });

  it('that cannot wait take the others along', async () => {
    const { reports, sent } = open();
    reports.input(loginOf('ada'), 10, { atOnce: false });
    reports.input(loginOf('bob'), 11, { atOnce: true });
    await settle();
    expect(sent).to.deep.equal(['ada@10', 'bob@11']);
  });

  it('stay the newest where an older one comes in while they are on their way in vain', async () => {
    const { clock, reports, sent, engine } = open();
    let release = () => {};
    engine.held = new Promise((resolve) => {
      release = resolve;
    });
    reports.input(loginOf('ada'), 10, { atOnce: true });
    reports.input(loginOf('ada'), 7, { atOnce: false });
    engine.failure = new EngineUnavailable('away');
    release();
    await settle();
    engine.failure = undefined;
    clock.advance(1_000);
    await settle();
    expect(sent).to.deep.equal(['ada@10']);
  });

  it('are tried again a second after a failure', async () => {
    const { clock, reports, sent, engine } = open();
    engine.failure = new EngineUnavailable('away');
    reports.input(loginOf('ada'), 10, { atOnce: true });
    reports.tab(change('t-1', true));
    await settle();
    clock.advance(FLUSH_MS);
    await settle();
    engine.failure = undefined;
    clock.advance(999);
    await settle();
    expect([sent, reports.size]).to.deep.equal([[], 2]);
    clock.advance(1);
    await settle();
    expect(sent).to.deep.equal(['t-1:true', 'ada@10']);
    expect(clock.pending).to.equal(0);
  });

  it('go on while a part of the engine is away, once a second, and soon where they cannot wait', async () => {
    const { clock, reports, sent } = open();
    reports.linkLost();
    reports.input(loginOf('ada'), 10, { atOnce: false });
    clock.advance(999);
    await settle();
    expect(sent).to.deep.equal([]);
    clock.advance(1);
    await settle();
    expect(sent).to.deep.equal(['ada@10']);
    reports.tab(change('t-1', true));
    for (const at of [11, 12]) reports.input(loginOf('bob'), at, { atOnce: true });
    clock.advance(FLUSH_MS);
    await settle();
    expect(sent.slice(1)).to.deep.equal(['t-1:true', 'bob@12']);
    expect(clock.pending).to.equal(0);
    reports.input(loginOf('ada'), 20, { atOnce: false });
    expect(await reports.linkBack()).to.equal(true);
    expect(sent.at(-1)).to.equal('ada@20');
  });

  it('that a part of the engine could not take are kept, and no others', async () => {
    const { clock, reports, sent, engine } = open();
    const { touch, updateTabs } = engine;
    const without = <T>(batch: T[], send: (batch: T[]) => Promise<void>) => {
      const left = new Set(batch.slice(0, 1));
      return send(batch.slice(1)).then(() => Promise.reject(new EngineUnavailable('in part', { left })));
    };
    engine.touch = (batch) => without(batch, touch);
    engine.updateTabs = (batch) => without(batch, updateTabs);
    for (const agent of ['ada', 'bob', 'cid']) reports.input(loginOf(agent), 1, { atOnce: false });
    for (const tab of ['t-1', 't-2']) reports.tab(change(tab, true));
    expect(await reports.flush()).to.equal(false);
    expect(sent).to.have.members(['bob@1', 'cid@1', 't-2:true']);
    expect(reports.size).to.equal(2);
    Object.assign(engine, { touch, updateTabs });
    clock.advance(1_000);
    await settle();
    expect(sent.slice(3)).to.deep.equal(['t-1:true', 'ada@1']);
  });

  it('that cannot wait go together, as soon as those under way are answered', async () => {
    const { clock, reports, engine, sent } = open();
    const sizes: number[] = [];
    const { touch } = engine;
    engine.touch = (batch) => {
      sizes.push(batch.length);
      return touch(batch);
    };
    for (const agent of ['ada', 'bob', 'cid', 'dan']) reports.input(loginOf(agent), 1, { atOnce: true });
    await settle();
    expect(sizes).to.deep.equal([1, 3]);
    expect(sent).to.have.length(4);
    expect(clock.pending).to.equal(0);
  });

  it('do not wait for what a server that hangs has not answered', async () => {
    const { clock, reports, sent, engine } = open();
    let release = () => {};
    engine.held = new Promise((resolve) => {
      release = resolve;
    });
    reports.input(loginOf('ada'), 10, { atOnce: true });
    await settle();
    engine.held = Promise.resolve();
    reports.input(loginOf('bob'), 11, { atOnce: true });
    clock.advance(FLUSH_MS);
    await settle();
    expect(sent).to.deep.equal(['bob@11']);
    release();
    await settle();
    expect(sent).to.deep.equal(['bob@11', 'ada@10']);
  });

  it('are bounded: whoever has waited longest gives way, and that is counted', async () => {
    const { reports, sent, counts } = open(2);
    reports.linkLost();
    for (const agent of ['a', 'b', 'c']) reports.input(loginOf(agent), 1, { atOnce: false });
    for (const tab of ['t-1', 't-2', 't-3']) reports.tab(change(tab, null));
    await reports.linkBack();
    expect(sent).to.deep.equal(['t-2:null', 't-3:null', 'b@1', 'c@1']);
    expect(counts.losses).to.deep.equal(['report', 'report']);
  });

  it('that the engine fails on are let go, and hold up nobody', async () => {
    const { reports, sent, engine, errors } = open();
    engine.failure = new TypeError('a bug');
    reports.input(loginOf('ada'), 1, { atOnce: true });
    await settle();
    engine.failure = undefined;
    reports.input(loginOf('bob'), 2, { atOnce: true });
    await settle();
    expect(sent).to.deep.equal(['bob@2']);
    expect(errors).to.have.length(1);
  });
});
