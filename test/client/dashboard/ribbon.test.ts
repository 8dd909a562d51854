import { expect } from 'chai';
import { drawRibbon, type RibbonSources } from '../../../client/dashboard/presence/ribbon.ts';
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
const draw = (sources: Partial<RibbonSources>) =>
  drawRibbon({ events: [], recorded: [], seen: [], live: true, ...sources }, NOW).map(
    ({ state, from, until }) => [state, (NOW - from) / HOUR, (NOW - until) / HOUR],
  );

describe('the ribbon of the last day', () => {
  it('is drawn from the audit log: signed in, warned, signed out', () => {
    const events = [
      event('session.started', 2),
      event('session.ended', 5),
      event('session.warned', 6),
      event('session.started', 10),
    ];
    expect(draw({ events })).to.deep.equal([
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
    expect(draw({ events: [event('session.started', 30)], seen })).to.deep.equal([
      ['signed_in', 24, 1],
      ['background', 1, 0.5],
      ['active', 0.5, 0],
    ]);
  });

  it('shows what the server recorded, with what is known exactly on top', () => {
    const events = [event('session.resumed', 3), event('session.warned', 3.5), event('session.started', 8)];
    const recorded = [
      { state: 'active' as const, from: NOW - 7 * HOUR, until: NOW - 4 * HOUR },
      { state: 'idle' as const, from: NOW - 4 * HOUR, until: NOW - 2 * HOUR },
    ];
    const seen = [{ state: 'offline' as const, from: NOW - HOUR, until: null }];
    expect(draw({ events, recorded, seen })).to.deep.equal([
      ['signed_out', 24, 8],
      ['signed_in', 8, 7],
      ['active', 7, 4],
      ['idle', 4, 3.5],
      ['warned', 3.5, 3],
      ['idle', 3, 2],
      ['signed_in', 2, 1],
      ['offline', 1, 0],
    ]);
  });

  it('shows to whoever may not read the audit log what was recorded, and gaps where nobody did', () => {
    const recorded = [
      { state: 'active' as const, from: NOW - 30 * HOUR, until: NOW - 20 * HOUR },
      { state: 'signed_out' as const, from: NOW - 6 * HOUR, until: NOW - 5 * HOUR },
    ];
    expect(draw({ recorded, live: false })).to.deep.equal([
      ['active', 24, 20],
      ['signed_out', 6, 5],
    ]);
  });

  it('draws nothing where nothing is known', () => {
    expect(draw({ live: false })).to.be.empty;
  });

  it('takes another login beside the first for what it is: nothing that is drawn', () => {
    const events = [event('session.started', 1), event('session.started', 3)];
    expect(draw({ events })).to.deep.equal([
      ['signed_out', 24, 3],
      ['signed_in', 3, 0],
    ]);
  });
});
