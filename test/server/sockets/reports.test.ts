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

  it('are tried again a second after a failure, and not at all while the link is known to be lost', async () => {
    const { clock, reports, sent, engine } = open();
    engine.failure = new EngineUnavailable('away');
    reports.input(loginOf('ada'), 10, { atOnce: true });
    await settle();
    expect(clock.pending).to.equal(1);
    reports.linkLost();
    expect(clock.pending).to.equal(0);
    reports.input(loginOf('bob'), 3, { atOnce: true });
    reports.tab(change('t-1', true));
    await settle();
    expect([clock.pending, reports.size]).to.deep.equal([0, 3]);
    engine.failure = undefined;
    expect(await reports.linkBack()).to.equal(true);
    expect(sent).to.deep.equal(['t-1:true', 'ada@10', 'bob@3']);
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

  it('go in batches of 500', async () => {
    const { reports, engine } = open(5_000);
    const sizes: number[] = [];
    const { touch } = engine;
    engine.touch = (batch) => {
      sizes.push(batch.length);
      return touch(batch);
    };
    for (let i = 0; i < 1_200; i += 1) reports.input(loginOf(`a-${i}`), i, { atOnce: false });
    await reports.flush();
    expect(sizes).to.deep.equal([500, 500, 200]);
  });
});
