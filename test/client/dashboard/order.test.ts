import { expect } from 'chai';
import { keepPlaces } from '../../../client/dashboard/presence/desk-view.ts';
import { createArrangement, type View } from '../../../client/dashboard/presence/order.ts';
import type { AgentPresence } from '../../../shared/presence.ts';
import { agent, NOW } from './agents.ts';

const VIEW: View = { filter: null, search: '', sort: 'name', descending: false };

function mapOf(...agents: AgentPresence[]): Map<string, AgentPresence> {
  return new Map(agents.map((one) => [one.id, one]));
}

describe('the list of agents', () => {
  it('is ordered by name as people order names, and by id where nobody has one', () => {
    const agents = mapOf(
      agent('a3', { name: 'Zoë' }),
      agent('a1', { name: 'élise' }),
      agent('a2', { name: 'Adam 10' }),
      agent('a4', { name: 'Adam 9' }),
      agent('b'),
    );
    expect(createArrangement().ids(agents, VIEW)).to.deep.equal(['a4', 'a2', 'b', 'a1', 'a3']);
  });

  it('follows who comes, leaves and is renamed', () => {
    const list = createArrangement();
    const agents = mapOf(agent('1', { name: 'Ben' }), agent('2', { name: 'Cleo' }));
    list.ids(agents, VIEW);
    agents.set('3', agent('3', { name: 'Ada' }));
    agents.delete('1');
    agents.set('2', agent('2', { name: 'Aaron' }));
    expect(list.ids(agents, VIEW)).to.deep.equal(['2', '3']);
    expect(list.ids(agents, { ...VIEW, sort: 'endsAt' })).to.deep.equal(['2', '3']);
  });

  it('finds by name and by id, without regard to case and accents', () => {
    const agents = mapOf(agent('x-1', { name: 'Dąbrowski' }), agent('x-2', { name: 'Öztürk' }), agent('oz'));
    const found = (search: string) => createArrangement().ids(agents, { ...VIEW, search });
    expect(found('DABROW')).to.deep.equal(['x-1']);
    expect(found('oz')).to.have.members(['x-2', 'oz']);
    expect(found('x-')).to.have.lengthOf(2);
    expect(found('nobody')).to.be.empty;
  });

  it('shows one state, or those who are warned whatever their state', () => {
    const agents = mapOf(
      agent('1', { state: 'idle', warned: true }),
      agent('2', { state: 'offline', warned: true }),
      agent('3', { state: 'idle' }),
    );
    const shown = (filter: View['filter']) => createArrangement().ids(agents, { ...VIEW, filter });
    expect(shown('warned')).to.deep.equal(['1', '2']);
    expect(shown('idle')).to.deep.equal(['1', '3']);
    expect(shown('active')).to.be.empty;
  });

  it('puts those who are signed out soonest first, and keeps up as they work', () => {
    const list = createArrangement();
    const agents = mapOf(...[3, 1, 2].map((n) => agent(`a${n}`, { endsAt: NOW + n * 1_000 })));
    const view: View = { ...VIEW, sort: 'endsAt' };
    expect(list.ids(agents, view)).to.deep.equal(['a1', 'a2', 'a3']);
    agents.set('a1', agent('a1', { endsAt: NOW + 9_000 }));
    expect(list.ids(agents, view)).to.deep.equal(['a2', 'a3', 'a1']);
    expect(list.ids(agents, { ...view, descending: true })).to.deep.equal(['a1', 'a3', 'a2']);
  });

  it('keeps those who are alike in the order of their names', () => {
    const agents = mapOf(
      agent('1', { name: 'B', tabs: 1 }),
      agent('2', { name: 'A', tabs: 1 }),
      agent('3', { name: 'C', tabs: 0 }),
    );
    expect(createArrangement().ids(agents, { ...VIEW, sort: 'tabs' })).to.deep.equal(['3', '2', '1']);
  });

  it('keeps the places of those who are shown while somebody points at them', () => {
    expect(keepPlaces(['a', 'b', 'c'], ['c', 'd', 'a'])).to.deep.equal(['a', 'c', 'd']);
  });
});
