import { expect } from 'chai';
import type { AgentRecord, Engine, PresenceChanges } from '../../../server/engine/engine.ts';
import { EngineUnavailable } from '../../../server/engine/engine.ts';
import { MAX_ROWS, PresenceFeed } from '../../../server/sockets/presence-feed.ts';
import type { Watcher } from '../../../server/sockets/watcher.ts';
import { PIECE_ROWS, welcome } from '../../../server/sockets/watching.ts';
import type { AgentPresence, PresenceCounts } from '../../../shared/presence.ts';
import type { ChangesMessage, SnapshotMessage } from '../../../shared/protocol.ts';
import { createTestClock } from '../../support/clock.ts';
import { until } from '../../support/waiting.ts';
import { DAY, IDLE_AFTER, LEAVE_GRACE, SECOND, START, settle } from './desk.ts';

function record(id: string, fields: Partial<AgentRecord> = {}): AgentRecord {
  return {
    id,
    name: null,
    rev: 1,
    sessions: 1,
    signedOutAt: null,
    lastActivityAt: START,
    warnedAt: null,
    deadlineAt: START + DAY,
    endsAt: START + DAY,
    available: null,
    tabs: 1,
    visibleTabs: 1,
    hiddenAt: null,
    leftAt: null,
    leftVisible: false,
    ...fields,
  };
}

const many = (count: number, fields?: Partial<AgentRecord>) =>
  Array.from({ length: count }, (_, i) => record(`a-${i}`, fields));

function open() {
  const clock = createTestClock(START);
  const errors: unknown[] = [];
  const sent: ChangesMessage[] = [];
  const next: Partial<PresenceChanges>[] = [];
  const cursors: (string | null)[] = [];
  const engine = {
    down: false,
    held: Promise.resolve(),
    now: () => clock.now(),
    async changes(_account: string, cursor: string | null): Promise<PresenceChanges> {
      cursors.push(cursor);
      if (engine.down) throw new EngineUnavailable('away');
      const answer = {
        cursor: `c-${cursors.length}`,
        reset: false,
        agents: [],
        removed: [],
        ...next.shift(),
      };
      await engine.held;
      return answer;
    },
  };
  const start = () =>
    new PresenceFeed({
      account: 'acme',
      engine: engine as unknown as Engine,
      clock,
      display: { idleAfterMs: IDLE_AFTER, leaveGraceMs: LEAVE_GRACE },
      log: { info() {}, warn() {}, error: (fields: object) => void errors.push(fields) },
      send: (message) => void sent.push(message),
    });
  const pass = async (ms: number, stepMs = 100) => {
    for (let left = ms; left > 0; left -= stepMs) {
      clock.advance(Math.min(stepMs, left));
      await settle();
    }
  };
  return { clock, errors, sent, next, cursors, engine, start, pass };
}

describe('the feed of an account', () => {
  it('reads once a second from where it was, and tells what changed and how many are in which state', async () => {
    const { next, start, pass, sent, cursors } = open();
    next.push({ reset: true, agents: [record('ada'), record('bob', { tabs: 0, visibleTabs: 0 })] });
    const feed = start();
    await feed.ready;
    await pass(SECOND);
    expect(sent).to.deep.equal([]);
    next.push({ agents: [record('ada', { visibleTabs: 0, hiddenAt: START + 1_500 })], removed: ['bob'] });
    await pass(SECOND);
    expect(cursors).to.deep.equal([null, 'c-1', 'c-2']);
    expect(sent).to.have.length(1);
    expect(sent[0]!.agents.map(({ id, state, stateSince }) => [id, state, stateSince])).to.deep.equal([
      ['ada', 'background', START + 1_500],
    ]);
    expect(sent[0]).to.deep.include({
      removed: ['bob'],
      counts: { active: 0, idle: 0, background: 1, offline: 0 },
      serverTime: START + 2 * SECOND,
    });
    feed.close();
  });

  it('tells nothing of a row that looks as before', async () => {
    const { next, start, pass, sent } = open();
    next.push({ reset: true, agents: [record('ada')] }, { agents: [record('ada', { rev: 9 })] });
    const feed = start();
    await pass(3 * SECOND);
    expect(sent).to.deep.equal([]);
    feed.close();
  });

  it('lets time change states by itself', async () => {
    const { next, start, pass, sent } = open();
    next.push({
      reset: true,
      agents: [
        record('idle'),
        record('left', { tabs: 0, visibleTabs: 0, leftAt: START, leftVisible: true }),
        record('gone', { tabs: 0, visibleTabs: 0, leftAt: START - DAY }),
      ],
    });
    const feed = start();
    await feed.ready;
    expect(feed.rows.counts).to.deep.equal({ active: 2, idle: 0, background: 0, offline: 1 });
    await pass(LEAVE_GRACE + SECOND);
    expect(sent.at(-1)?.agents.map(({ id, state }) => [id, state])).to.deep.equal([['left', 'offline']]);
    await pass(IDLE_AFTER);
    expect(sent.at(-1)?.agents.map(({ id, state }) => [id, state])).to.deep.equal([['idle', 'idle']]);
    expect(sent.at(-1)?.counts).to.deep.equal({ active: 0, idle: 1, background: 0, offline: 2 });
    feed.close();
  });

  it('forgets whom the engine does not name where it names everybody anew', async () => {
    const { next, start, pass, sent } = open();
    next.push({ reset: true, agents: [record('ada'), record('bob')] });
    next.push({ reset: true, agents: [record('bob'), record('cem')] });
    const feed = start();
    await pass(SECOND);
    expect(sent).to.have.length(1);
    expect(sent[0]!.agents.map(({ id }) => id)).to.deep.equal(['cem']);
    expect(sent[0]!.removed).to.deep.equal(['ada']);
    feed.close();
  });

  it('keeps one message small: the rest comes in the next', async () => {
    const { next, start, pass, sent } = open();
    const count = MAX_ROWS * 2 + 10;
    next.push({ reset: true, agents: many(count) });
    next.push({ reset: true, agents: many(count, { deadlineAt: START + 1 }) });
    const feed = start();
    await until(async () => {
      await pass(100);
      return sent.length === 3;
    }, 'three messages');
    expect(sent.map(({ agents }) => agents.length)).to.deep.equal([MAX_ROWS, MAX_ROWS, 10]);
    expect(new Set(sent.flatMap(({ agents }) => agents.map(({ id }) => id))).size).to.equal(count);
    feed.close();
  });

  it('looks at once when hinted, but tells at most once a second, and loses no hint that comes while it looks', async () => {
    const { next, start, pass, sent, cursors, engine, clock } = open();
    next.push({ reset: true, agents: [record('ada')] });
    const feed = start();
    await feed.ready;
    await pass(300);
    next.push({ agents: [record('ada', { tabs: 2 })] });
    feed.hint();
    await pass(1, 1);
    expect(sent).to.have.length(1);
    next.push({ agents: [record('ada', { tabs: 3 })] });
    feed.hint();
    await pass(990, 10);
    expect(sent).to.have.length(1);
    let release = () => {};
    engine.held = new Promise((resolve) => {
      release = resolve;
    });
    await pass(20, 10);
    const before = cursors.length;
    next.push({ agents: [record('ada', { tabs: 4 })] });
    feed.hint();
    await pass(200, 10);
    release();
    await settle();
    expect([cursors.length, sent.length]).to.deep.equal([before, 2]);
    await pass(PACE, 10);
    expect(sent.map(({ agents }) => agents[0]?.tabs)).to.deep.equal([2, 3, 4]);
    const times = sent.map(({ serverTime }) => serverTime);
    expect([times[1]! - times[0]!, times[2]! - times[1]!].every((ms) => ms >= PACE)).to.equal(true);
    feed.close();
    expect(clock.pending).to.equal(0);
  });

  it('looks again at once where it was hinted while it looked and found nothing', async () => {
    const { next, start, pass, sent, engine } = open();
    const feed = start();
    await feed.ready;
    let release = () => {};
    engine.held = new Promise((resolve) => {
      release = resolve;
    });
    await pass(SECOND);
    next.push({ agents: [record('ada')] });
    await pass(200);
    feed.hint();
    await pass(1, 1);
    release();
    await settle();
    await pass(150, 10);
    expect(sent).to.have.length(1);
    feed.close();
  });

  it('tells all a second after it told one of them by itself', async () => {
    const { next, start, pass, sent, engine } = open();
    const feed = start();
    await feed.ready;
    next.push({ agents: [record('ada')] });
    let release = () => {};
    engine.held = new Promise((resolve) => {
      release = resolve;
    });
    await pass(SECOND);
    feed.told();
    release();
    await settle();
    expect(sent).to.have.length(0);
    await pass(SECOND - 1, 9);
    expect(sent).to.have.length(0);
    await pass(20, 10);
    expect(sent).to.have.length(1);
    feed.close();
  });

  it('goes on when the engine is back', async () => {
    const { next, start, pass, engine, sent, errors, cursors } = open();
    engine.down = true;
    const feed = start();
    await pass(3 * SECOND);
    engine.down = false;
    next.push({ reset: true, agents: [record('ada')] }, { agents: [record('bob')] });
    await pass(SECOND);
    await feed.ready;
    engine.down = true;
    await pass(SECOND);
    engine.down = false;
    await pass(SECOND);
    expect(sent.flatMap(({ agents }) => agents.map(({ id }) => id))).to.deep.equal(['bob']);
    expect(cursors.filter((cursor) => cursor === null).length).to.be.at.least(3);
    expect(errors).to.deep.equal([]);
    feed.close();
  });
});

const PACE = SECOND;

describe('a dashboard that is shown an account', () => {
  async function show(
    count: number,
    options: {
      backlog?: number;
      meanwhile?: (desk: ReturnType<typeof open>, pieces: number) => unknown;
    } = {},
  ) {
    const desk = open();
    desk.next.push({ reset: true, agents: many(count) });
    const feed = desk.start();
    const messages: { event: string; message: SnapshotMessage | ChangesMessage }[] = [];
    const rows = new Map<string, AgentPresence>();
    let counts: PresenceCounts | undefined;
    let joinedAfter = -1;
    const take = (event: string) => (message: SnapshotMessage | ChangesMessage) => {
      messages.push({ event, message });
      for (const row of message.agents) rows.set(row.id, row);
      if ('removed' in message) for (const id of message.removed) rows.delete(id);
      counts = message.counts;
    };
    const watcher = {
      isOver: false,
      droppedFor: '',
      connection: {
        backlog: () => options.backlog ?? 0,
        dropFor(what: string) {
          watcher.droppedFor = what;
          watcher.isOver = true;
        },
      },
      snapshot: take('snapshot'),
      changes: take('changes'),
      join: () => {
        joinedAfter = messages.length;
      },
    };
    let over = false;
    const shown = welcome({
      watcher: watcher as unknown as Watcher,
      feed,
      room: 'r',
      engine: { now: () => desk.clock.now() },
      clock: desk.clock,
    }).then(() => {
      over = true;
    });
    for (let turn = 0; !over && turn < 2_000; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      await options.meanwhile?.(desk, messages.length);
    }
    await shown;
    return { messages, rows, feed, watcher, counts, joined: joinedAfter === messages.length };
  }

  for (const count of [0, 1, PIECE_ROWS, PIECE_ROWS + 1, 10_000]) {
    it(`gets ${count} agents in pieces of at most ${PIECE_ROWS}, and \`more: false\` in the last alone`, async () => {
      const { messages, rows, feed, joined, counts } = await show(count);
      expect(rows.size).to.equal(count);
      expect(counts).to.deep.equal({ active: count, idle: 0, background: 0, offline: 0 });
      const pieces = messages.map(({ message }) => message as SnapshotMessage);
      expect(pieces).to.have.length(Math.max(1, Math.ceil(count / PIECE_ROWS)));
      expect(pieces.every(({ agents }) => agents.length <= PIECE_ROWS)).to.equal(true);
      expect(pieces.map(({ more }) => more).lastIndexOf(true)).to.equal(pieces.length - 2);
      expect(joined).to.equal(true);
      feed.close();
    });
  }

  it('misses nothing that changes meanwhile, and is left with no stale row', async () => {
    let hasChanged = false;
    const { rows, feed, messages, joined } = await show(10_000, {
      async meanwhile({ next, pass }, pieces) {
        if (pieces < 3 || hasChanged) return;
        hasChanged = true;
        next.push({
          agents: [record('a-1', { tabs: 7 }), record('a-9999', { tabs: 8 }), record('new')],
          removed: ['a-2', 'a-9998'],
        });
        await pass(SECOND, SECOND);
      },
    });
    const expected = new Map(feed.rows.all().map((row) => [row.id, row]));
    expect(rows).to.deep.equal(expected);
    expect(rows.get('a-1')?.tabs).to.equal(7);
    expect([rows.has('new'), rows.has('a-2'), rows.has('a-9998')]).to.deep.equal([true, false, false]);
    expect(messages.at(-2)?.message).to.include({ more: false });
    expect(joined).to.equal(true);
    feed.close();
  });

  it('is cut off where it does not read its first piece', async () => {
    const { watcher, messages, joined, feed } = await show(3_000, {
      backlog: 1,
      meanwhile: ({ clock }) => clock.advance(100),
    });
    expect(watcher.droppedFor).to.equal('slow_reader');
    expect(messages).to.have.length(1);
    expect(joined).to.equal(false);
    feed.close();
  });
});
