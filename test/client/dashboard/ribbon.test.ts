import { expect } from 'chai';
import { drawRibbon } from '../../../client/dashboard/presence/ribbon.ts';
import type { VigilEvent } from '../../../shared/events.ts';
import { NOW } from './agents.ts';

const HOUR = 3_600_000;
const event = (type: VigilEvent['type'], hoursAgo: number) =>
  ({
    id: String(hoursAgo),
    type,
    account: 'a',
    at: NOW - hoursAgo * HOUR,
    data: {},
  }) as unknown as VigilEvent;
const draw = (...args: Parameters<typeof drawRibbon>) =>
  drawRibbon(...args).map(({ state, from, until }) => [state, (NOW - from) / HOUR, (NOW - until) / HOUR]);

describe('the ribbon of the last day', () => {
  it('is drawn from the audit log: signed in, warned, signed out', () => {
    const events = [
      event('session.started', 2),
      event('session.ended', 5),
      event('session.warned', 6),
      event('session.started', 10),
    ];
    expect(draw(events, [], true, NOW)).to.deep.equal([
      ['signed_out', 24, 10],
      ['signed_in', 10, 6],
      ['warned', 6, 5],
      ['signed_out', 5, 2],
      ['signed_in', 2, 0],
    ]);
  });

  it('shows over it what this page has seen', () => {
    const seen = [
      { state: 'background' as const, from: NOW - 1 * HOUR, until: NOW - HOUR / 2 },
      { state: 'active' as const, from: NOW - HOUR / 2, until: null },
    ];
    expect(draw([event('session.started', 30)], seen, true, NOW)).to.deep.equal([
      ['signed_in', 24, 1],
      ['background', 1, 0.5],
      ['active', 0.5, 0],
    ]);
  });

  it('draws nothing where nothing is known', () => {
    expect(draw([], [], false, NOW)).to.be.empty;
  });

  it('takes another login beside the first for what it is: nothing that is drawn', () => {
    const events = [event('session.started', 1), event('session.started', 3)];
    expect(draw(events, [], true, NOW)).to.deep.equal([
      ['signed_out', 24, 3],
      ['signed_in', 3, 0],
    ]);
  });
});
