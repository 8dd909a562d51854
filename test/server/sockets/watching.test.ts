import { expect } from 'chai';
import type { Watcher } from '../../../server/sockets/watcher.ts';
import { PIECE_ROWS, welcome } from '../../../server/sockets/watching.ts';
import type { AgentPresence, PresenceCounts } from '../../../shared/presence.ts';
import type { ChangesMessage, SnapshotMessage } from '../../../shared/protocol.ts';
import { SECOND } from './desk.ts';
import { many, openFeed, record } from './feed-desk.ts';

describe('a dashboard that is shown an account', () => {
  async function show(
    count: number,
    options: {
      backlog?: number;
      meanwhile?: (desk: ReturnType<typeof openFeed>, pieces: number) => unknown;
    } = {},
  ) {
    const desk = openFeed();
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
