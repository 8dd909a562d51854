import { expect } from 'chai';
import { MAX_ROWS } from '../../../server/sockets/presence-feed.ts';
import { until } from '../../support/waiting.ts';
import { DAY, IDLE_AFTER, LEAVE_GRACE, SECOND, START, settle } from './desk.ts';
import { many, openFeed, record } from './feed-desk.ts';

describe('the feed of an account', () => {
  it('reads once a second from where it was, and tells what changed and how many are in which state', async () => {
    const { next, start, pass, sent, cursors } = openFeed();
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
    const { next, start, pass, sent } = openFeed();
    next.push({ reset: true, agents: [record('ada')] }, { agents: [record('ada', { rev: 9 })] });
    const feed = start();
    await pass(3 * SECOND);
    expect(sent).to.deep.equal([]);
    feed.close();
  });

  it('lets time change states by itself', async () => {
    const { next, start, pass, sent } = openFeed();
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
    const { next, start, pass, sent } = openFeed();
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
    const { next, start, pass, sent } = openFeed();
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
    const { next, start, pass, sent, cursors, engine, clock } = openFeed();
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
    await pass(SECOND, 10);
    expect(sent.map(({ agents }) => agents[0]?.tabs)).to.deep.equal([2, 3, 4]);
    const times = sent.map(({ serverTime }) => serverTime);
    expect([times[1]! - times[0]!, times[2]! - times[1]!].every((ms) => ms >= SECOND)).to.equal(true);
    feed.close();
    expect(clock.pending).to.equal(0);
  });

  it('looks again at once where it was hinted while it looked and found nothing', async () => {
    const { next, start, pass, sent, engine } = openFeed();
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
    const { next, start, pass, sent, engine } = openFeed();
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
    const { next, start, pass, engine, sent, errors, cursors } = openFeed();
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
