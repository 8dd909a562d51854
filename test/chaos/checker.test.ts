import { expect } from 'chai';
import { judge } from './checker/judge.ts';
import { at, LEAD_MS, ordinaryStory, type Story, TIMEOUT_MS, type Twists } from './checker/story.ts';

/** Invariants that a history violates, each once. */
async function violated(story: Story): Promise<string[]> {
  const { violations } = await judge(story.told());
  return [...new Set(violations.map(({ invariant }) => invariant))].sort();
}

const telling = (twists: Twists = {}) => violated(ordinaryStory(twists));

describe('the checker of histories', () => {
  it('finds nothing in an ordinary history, and judges it by every invariant that it speaks of', async () => {
    const { violations, judged } = await judge(ordinaryStory().told());
    expect(violations).to.deep.equal([]);
    expect([...judged.keys()]).to.include.members(
      'warned-first never-early ended-once told-once end-written together unavailable-at-once last-word rev rev-grows'
        .concat(' activity-never-falls dead-stay-dead event-kept event-read event-delivered webhook-order')
        .concat(' every-session-ends overdue warned-anew nodes-live')
        .split(' '),
    );
  });

  it('sees an end without a warning', async () => {
    expect(await telling({ warnedAt: null })).to.deep.equal(['warned-first']);
  });

  it('sees an end before a whole lead of warning', async () => {
    expect(await telling({ warnedAt: 23_000 - LEAD_MS + 1 })).to.deep.equal(['warned-first']);
  });

  it('knows that one login may be logged out while the agent is warned', async () => {
    const story = ordinaryStory({ sessions: ['s1'] });
    const about = {
      agent: 'ann',
      sessions: ['s2'],
      reason: 'logout',
      inactivity: null,
      lastActivityAt: at(3_000),
    };
    const heard = story.entries.filter(
      (entry) => entry.k === 'heard' && entry.e === 'ended' && entry.c === 2,
    );
    for (const entry of heard) story.entries.splice(story.entries.indexOf(entry), 1);
    story.heard(20_005, 2, 'ended', { rev: 4, reason: 'logout', endedAt: at(20_000) });
    expect(await violated(story.event(20_000, 'session.ended', about))).to.deep.equal([]);
  });

  it('sees an end before the timeout of an input that arrived', async () => {
    const story = ordinaryStory().input(15_000, 2);
    expect(await violated(story)).to.deep.equal(['never-early']);
  });

  it('goes by its own clock where those of the nodes stood still', async () => {
    const standingStill = (inputAt: number) => {
      const story = ordinaryStory({ inputAt });
      for (const entry of story.entries)
        if (entry.k === 'heard' && entry.t < 6_000) entry.m.serverTime = at(6_000);
      return violated(story);
    };
    // By their clocks it came 6 s after the recorder's beginning.
    expect(await standingStill(3_000)).to.deep.equal([]);
    expect(await standingStill(4_500)).to.include('never-early');
  });

  it('believes that an input on a node that was struck did not arrive', async () => {
    const story = ordinaryStory().input(15_000, 2).fault(14_000, 16_000, 'node-stop', 'node2');
    expect(await violated(story)).to.deep.equal([]);
  });

  it('believes nothing of an input on a connection that broke at once', async () => {
    const story = ordinaryStory();
    story.open(14_000, 3, 's1').session(14_050, 3, 2, 3_000);
    story.input(15_000, 3).say(15_400, { k: 'closed', c: 3, by: 'tab' });
    expect(await violated(story)).to.deep.equal([]);
  });

  it('sees an end before the input that a node kept during an outage of Redis', async () => {
    const story = ordinaryStory().input(9_000, 2).fault(8_000, 11_000, 'redis-stop');
    expect(await violated(story)).to.include('never-early');
  });

  it('sees a login that ends twice', async () => {
    const again = {
      agent: 'ann',
      sessions: ['s1'],
      reason: 'timeout',
      inactivity: null,
      lastActivityAt: at(3_000),
    };
    const story = ordinaryStory().event(23_500, 'session.ended', again);
    expect(await violated(story)).to.include('ended-once');
  });

  it('takes an event that came twice with one id for one', async () => {
    const story = ordinaryStory();
    const hook = story.entries.find((entry) => entry.k === 'hook' && entry.event.type === 'session.ended')!;
    story.entries.push({ ...hook, t: 26_000 });
    expect(await violated(story)).to.deep.equal([]);
  });

  it('sees tabs that are told of different ends', async () => {
    const story = ordinaryStory();
    story.open(2_000, 3, 's1').session(2_050, 3, 2, 1_500);
    story.heard(23_020, 3, 'ended', { rev: 4, reason: 'timeout', endedAt: at(23_100) });
    expect(await violated(story)).to.include('told-once');
  });

  it('sees an end that tabs were told and nobody wrote down', async () => {
    const story = ordinaryStory();
    story.entries.splice(
      0,
      story.entries.length,
      ...story.entries.filter((entry) => {
        const events = entry.k === 'events' ? entry.events : entry.k === 'hook' ? [entry.event] : [];
        return !events.some(({ type }) => type === 'session.ended' || type === 'agent.unavailable');
      }),
    );
    expect(await violated(story)).to.include('end-written');
  });

  it('sees that only one of two logins ended', async () => {
    expect(await telling({ sessions: ['s1'] })).to.include('together');
  });

  it('sees an agent who stays available', async () => {
    expect(await telling({ unavailable: false })).to.deep.equal(['unavailable-at-once']);
  });

  it('sees what comes after an end on the same connection', async () => {
    const story = ordinaryStory().session(23_018, 1, 5, 3_000);
    expect(await violated(story)).to.include('last-word');
  });

  it('sees a rev that falls', async () => {
    const story = ordinaryStory().session(19_000, 2, 2, 3_000, 'warning');
    expect(await violated(story)).to.deep.equal(['rev']);
  });

  it('sees a resumption with the rev of the warning', async () => {
    const story = ordinaryStory().session(19_000, 2, 3, 3_000);
    expect(await violated(story)).to.deep.equal(['rev-grows']);
  });

  it('sees an activity that moves back', async () => {
    const story = ordinaryStory().session(5_000, 2, 2, 3_000).session(6_000, 2, 2, 2_900);
    expect(await violated(story)).to.deep.equal(['activity-never-falls']);
  });

  it('sees a dead login that a socket is let in with', async () => {
    const story = ordinaryStory().open(40_000, 9, 's1').session(40_050, 9, 5, 3_000);
    story.heard(41_000, 9, 'ended', { rev: 6, reason: 'timeout', endedAt: at(23_000) });
    expect(await violated(story)).to.deep.equal(['dead-stay-dead']);
  });

  it('sees a dead login that a call is let in with', async () => {
    const asked = { k: 'asked', call: 'verify', a: 'acme', s: 's2', doneAt: 31_010, status: 204 } as const;
    expect(await violated(ordinaryStory().say(31_000, asked))).to.deep.equal(['dead-stay-dead']);
  });

  it('sees a tab that nobody tells', async () => {
    const story = ordinaryStory().open(5_000, 7, 's2').session(5_050, 7, 2, 3_000);
    expect(await violated(story)).to.deep.equal(['everybody-is-told']);
  });

  it('sees a login refused as lost though its tab was open when Redis lost its data', async () => {
    const story = ordinaryStory().fault(6_000, 8_000, 'redis-wipe', 'store');
    story.open(12_000, 8, 's1').say(12_050, { k: 'refused', c: 8, code: 'session_ended', reason: 'lost' });
    expect(await violated(story)).to.include('vouched-for');
  });

  it('sees an event that comes with two contents', async () => {
    const story = ordinaryStory();
    const hook = story.entries.find((entry) => entry.k === 'hook')!;
    if (hook.k === 'hook') story.say(25_000, { ...hook, event: { ...hook.event, at: hook.event.at + 1 } });
    expect(await violated(story)).to.deep.equal(['event-ids']);
  });

  it('sees an event that the log does not keep, and one that no webhook brings', async () => {
    const lost = ordinaryStory().event(50_000, 'agent.available', { agent: 'bob' }, { kept: false });
    expect(await violated(lost)).to.deep.equal(['event-kept']);
    const untold = ordinaryStory().event(50_000, 'agent.available', { agent: 'bob' }, { hooked: false });
    expect(await violated(untold)).to.deep.equal(['event-delivered']);
    const refused = ordinaryStory().event(50_000, 'agent.available', { agent: 'bob' });
    const hook = refused.entries.findLast((entry) => entry.k === 'hook')!;
    if (hook.k === 'hook') hook.taken = false;
    expect(await violated(refused)).to.deep.equal(['event-delivered']);
  });

  it('sees an event that a reader who follows the log does not get', async () => {
    const story = ordinaryStory().event(50_000, 'agent.available', { agent: 'bob' });
    const place = story.entries.findIndex(
      (entry) => entry.k === 'events' && !entry.last && entry.events[0]!.data.agent === 'bob',
    );
    story.entries.splice(place, 1);
    expect(await violated(story)).to.deep.equal(['event-read']);
  });

  it('sees webhooks about one agent out of order', async () => {
    const story = ordinaryStory();
    const hook = story.entries.find((entry) => entry.k === 'hook' && entry.event.type === 'session.warned')!;
    hook.t = 60_000;
    expect(await violated(story)).to.deep.equal(['webhook-order']);
  });

  it('sees a session that never ends', async () => {
    const story = ordinaryStory().say(100_000, {
      k: 'login',
      a: 'acme',
      g: 'bob',
      s: 's9',
      auto: false,
      kind: 'quiet',
    });
    story.open(100_010, 9, 's9', { g: 'bob' }).session(100_050, 9, 1, 100_000);
    expect(await violated(story)).to.deep.equal(['every-session-ends']);
  });

  it('sees an end that is late where nothing explains it', async () => {
    expect(await telling({ endedAt: 3_000 + TIMEOUT_MS + 5_000 })).to.deep.equal([
      'as-late-as-promised',
      'overdue',
    ]);
  });

  it('sees an end that is later than is promised after what went wrong', async () => {
    const late = (ms: number, fault?: string, on?: string) => {
      const story = ordinaryStory({ endedAt: 3_000 + TIMEOUT_MS + ms });
      if (fault !== undefined) story.fault(20_000, 20_500, fault, on);
      return violated(story);
    };
    for (const [ms, ...fault] of [[1_000], [5_000, 'node-kill', 'node2'], [10_000, 'redis-failover']] as [
      number,
      string?,
      string?,
    ][]) {
      expect(await late(ms, ...fault), `${fault}`).to.deep.equal([]);
      expect(await late(ms + 1, ...fault), `${fault}`).to.deep.equal(['as-late-as-promised']);
    }
  });

  it('sees an end right after a time in which nobody watched', async () => {
    const story = ordinaryStory();
    for (const n of ['node1', 'node2']) {
      story.say(18_300, { k: 'ready', n, status: 503 }).say(22_900, { k: 'ready', n, status: 200 });
    }
    story.fault(18_200, 22_800, 'redis-stop');
    expect(await violated(story)).to.include('warned-anew');
  });

  it('sees an agent signed out at work in an outage of Redis', async () => {
    const story = ordinaryStory({ kind: 'steady' }).fault(10_000, 12_000, 'redis-kill');
    expect(await violated(story)).to.include('nobody-at-work');
    const struck = ordinaryStory({ kind: 'steady' }).fault(10_000, 12_000, 'node-cut', 'node1');
    expect(await violated(struck)).to.deep.equal([]);
    const elsewhere = ordinaryStory({ kind: 'steady' }).fault(10_000, 12_000, 'node-cut', 'node3');
    expect(await violated(elsewhere)).to.include('nobody-at-work');
  });

  it('sees a node that ends by itself', async () => {
    const story = ordinaryStory().say(9_000, { k: 'exit', n: 'node1', code: 1, signal: null });
    expect(await violated(story)).to.deep.equal(['nodes-live']);
  });

  it('measures from when an end was due by the first of its warnings', async () => {
    const { figures } = await judge(ordinaryStory({ endedAt: 3_000 + TIMEOUT_MS + 40 }).told());
    expect(figures.ends.get('healthy')).to.include({ count: 1, p50: 40, max: 40 });
    expect(figures.warnings.get('healthy')).to.include({ count: 1, max: 0 });
    expect(figures.told.get('healthy')).to.include({ count: 2, max: 15 });
  });
});
