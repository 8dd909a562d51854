import { expect } from 'chai';
import { createRoster } from '../../../client/dashboard/presence/roster.ts';
import type { AgentPresence } from '../../../shared/presence.ts';
import { agent, countsOf, NOW } from './agents.ts';

/** A roster whose frames come when the test says so. */
function stage() {
  const frames: (() => void)[] = [];
  const roster = createRoster((run) => frames.push(run));
  const paint = () => {
    for (const run of frames.splice(0)) run();
  };
  const snapshot = (agents: AgentPresence[], more = false) =>
    roster.snapshot({ agents, counts: countsOf(agents), serverTime: NOW, more });
  const changes = (agents: AgentPresence[], removed: string[] = []) =>
    roster.changes({ agents, removed, counts: countsOf(agents), serverTime: NOW + 1_000 });
  return { roster, frames, paint, snapshot, changes };
}

describe('the roster', () => {
  it('is live once the last piece of the snapshot is there', () => {
    const { roster, paint, snapshot } = stage();
    snapshot([agent('1')], true);
    paint();
    expect(roster.status.value).to.equal('loading');
    expect([...roster.agents.keys()]).to.deep.equal(['1']);
    snapshot([agent('2')]);
    paint();
    expect(roster.status.value).to.equal('live');
    expect([...roster.agents.keys()]).to.deep.equal(['1', '2']);
  });

  it('draws all changes of one frame together, however many messages they came in', () => {
    const { roster, frames, paint, snapshot, changes } = stage();
    snapshot([agent('1'), agent('2')]);
    changes([agent('1', { state: 'idle' })]);
    changes([agent('2', { state: 'idle', warned: true })]);
    expect(frames).to.have.lengthOf(1);
    paint();
    expect(roster.version.value).to.equal(1);
    expect(roster.warned.value).to.equal(1);
    changes([agent('2')]);
    paint();
    expect(roster.warned.value).to.equal(0);
  });

  it('changes the rows of those agents alone who changed', () => {
    const { roster, paint, snapshot, changes } = stage();
    snapshot([agent('1'), agent('2')]);
    paint();
    const [first, second] = [roster.row('1'), roster.row('2')];
    const before = first.value;
    changes([agent('2', { tabs: 3 })]);
    paint();
    expect(first.value).to.equal(before);
    expect(second.value?.tabs).to.equal(3);
    changes([], ['2']);
    paint();
    expect(second.value).to.equal(undefined);
  });

  it('shows after a reconnection nobody who left in the meantime', () => {
    const { roster, paint, snapshot } = stage();
    snapshot([agent('1'), agent('2', { warned: true })]);
    roster.link(false);
    paint();
    expect(roster.status.value).to.equal('stale');
    expect(roster.agents.size).to.equal(2);
    roster.link(true);
    snapshot([agent('3')], true);
    snapshot([agent('1')]);
    paint();
    expect([...roster.agents.keys()]).to.have.members(['1', '3']);
    expect(roster.warned.value).to.equal(0);
    expect(roster.status.value).to.equal('live');
  });

  it('begins anew where a snapshot broke off', () => {
    const { roster, paint, snapshot } = stage();
    snapshot([agent('1')], true);
    roster.link(false);
    roster.link(true);
    snapshot([agent('2')]);
    paint();
    expect([...roster.agents.keys()]).to.deep.equal(['2']);
  });

  it('says that the server cannot be reached, until it is', () => {
    const { roster, paint, snapshot } = stage();
    roster.failing();
    paint();
    expect(roster.status.value).to.equal('unreachable');
    roster.link(true);
    snapshot([agent('1')]);
    paint();
    expect(roster.status.value).to.equal('live');
    roster.link(false);
    roster.failing();
    paint();
    expect(roster.status.value).to.equal('stale');
  });

  it('keeps nothing on the page when the session is over', () => {
    const { roster, paint, snapshot } = stage();
    snapshot([agent('1', { warned: true })]);
    const row = roster.row('1');
    paint();
    roster.clear();
    paint();
    expect(roster.agents.size).to.equal(0);
    expect(row.value).to.equal(undefined);
    expect(roster.warned.value).to.equal(0);
    expect(roster.counts.value).to.deep.equal({ active: 0, idle: 0, background: 0, offline: 0 });
  });

  it('remembers the states that it has seen of an agent', () => {
    const { roster, snapshot, changes } = stage();
    snapshot([agent('1', { state: 'background', stateSince: NOW - 60_000 })]);
    changes([agent('1')]);
    expect(roster.trail.of('1')).to.deep.equal([
      { state: 'background', from: NOW - 60_000, until: NOW + 1_000 },
      { state: 'active', from: NOW + 1_000, until: null },
    ]);
    changes([], ['1']);
    expect(roster.trail.of('1').at(-1)?.until).to.equal(NOW + 1_000);
  });
});
