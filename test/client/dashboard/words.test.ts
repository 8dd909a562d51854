import { expect } from 'chai';
import { eventCause, eventName } from '../../../client/dashboard/audit/words.ts';
import { clockTime, countdown, longDuration, shortDuration } from '../../../client/dashboard/core/moments.ts';
import { reasonOf, shareLeft } from '../../../client/dashboard/presence/states.ts';
import type { VigilEvent } from '../../../shared/events.ts';
import { agent, NOW } from './agents.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('the reason of a state, in words', () => {
  it('says for how long there was no input', () => {
    expect(reasonOf(agent('1', { state: 'idle', lastActivityAt: NOW - 3 * MINUTE }), NOW)).to.equal(
      'No input for 3 min',
    );
  });

  it('says for how long the tab has not been the active one', () => {
    const hidden = agent('1', { state: 'background', stateSince: NOW - 12 * MINUTE });
    expect(reasonOf(hidden, NOW)).to.equal('Not the active tab for 12 min');
    expect(reasonOf({ ...hidden, stateSince: null }, NOW)).to.equal('Not the active tab');
  });

  it('says since when it has not been open anywhere, with the date where that was not today', () => {
    const closed = agent('1', { state: 'offline', stateSince: NOW - 10 * MINUTE });
    expect(reasonOf(closed, NOW)).to.equal(`Not open anywhere since ${clockTime(NOW - 10 * MINUTE, NOW)}`);
    const before = reasonOf({ ...closed, stateSince: NOW - 30 * HOUR }, NOW);
    expect(before).to.have.length.above(reasonOf(closed, NOW).length);
    expect(reasonOf({ ...closed, stateSince: null }, NOW)).to.equal('Not open anywhere');
  });

  it('says of those at work how long ago the last input was', () => {
    expect(reasonOf(agent('1', { lastActivityAt: NOW - 2_000 }), NOW)).to.equal('Input just now');
    expect(reasonOf(agent('1', { lastActivityAt: NOW - 42_000 }), NOW)).to.equal('Input 42 s ago');
  });
});

describe('durations', () => {
  it('are short where they count and long where they are settings', () => {
    expect([0, 59_999, MINUTE, HOUR, HOUR + 5 * MINUTE, 52 * HOUR].map(shortDuration)).to.deep.equal([
      '0 s',
      '59 s',
      '1 min',
      '1 h',
      '1 h 5 min',
      '2 d 4 h',
    ]);
    expect([90, 900, 86_400, 5_400, 2_592_000].map(longDuration)).to.deep.equal([
      '1 minute 30 seconds',
      '15 minutes',
      '24 hours',
      '1 hour 30 minutes',
      '30 days',
    ]);
  });

  it('count down by the second within the hour, and never below nothing', () => {
    expect([42_000, 12 * MINUTE + 4_001, 3 * HOUR, 0, -5].map(countdown)).to.deep.equal([
      '0:42',
      '12:05',
      '3 h',
      'any moment',
      'any moment',
    ]);
  });
});

describe('what is left until the sign-out', () => {
  it('is a share of the timeout, and of the lead once the warning is there', () => {
    const half = agent('1', { lastActivityAt: NOW - 12 * HOUR });
    expect(shareLeft(half, NOW, MINUTE)).to.equal(0.5);
    expect(shareLeft({ ...half, warned: true, endsAt: NOW + 15_000 }, NOW, MINUTE)).to.equal(0.25);
    expect(shareLeft({ ...half, warned: true, endsAt: NOW - 1 }, NOW, MINUTE)).to.equal(0);
  });
});

describe('events of the audit log', () => {
  const names = (id: string) => (id === 'mara' ? 'Mara' : id);
  const ended = (data: object) =>
    ({
      id: '1',
      account: 'a',
      at: NOW,
      type: 'session.ended',
      data: {
        agent: 'ada',
        sessions: ['s'],
        reason: 'timeout',
        inactivity: null,
        lastActivityAt: NOW - HOUR,
        ...data,
      },
    }) as VigilEvent;

  it('name the cause of each sign-out', () => {
    const cause = (data: object) => eventCause(ended(data), NOW, names);
    expect(cause({ inactivity: 'not_open' })).to.match(
      /^Timed out: the service desk was not open anywhere; last input/,
    );
    expect(cause({ inactivity: 'not_active_tab' })).to.match(/not the active tab/);
    expect(cause({ inactivity: 'no_input' })).to.match(/no keyboard or pointer input/);
    expect(cause({ reason: 'admin', by: 'mara', sessions: ['s', 't'] })).to.equal(
      'Signed out by Mara; 2 sessions',
    );
    expect(cause({ reason: 'logout' })).to.equal('Signed out themselves');
    expect(cause({ reason: 'logout', by: 'host' })).to.equal('Signed out in the service desk');
    expect(cause({ reason: 'logout', by: 'mara' })).to.equal('Signed out in the service desk, by Mara');
  });

  it('say what was changed in the settings, and by whom', () => {
    const rememberMe = { agent: true, requester: true };
    const event: VigilEvent = {
      id: '1',
      account: 'a',
      at: NOW,
      type: 'policy.changed',
      data: {
        by: 'mara',
        before: { timeoutSeconds: 86_400, rememberMe },
        after: { timeoutSeconds: 900, rememberMe: { ...rememberMe, agent: false } },
      },
    };
    expect(eventCause(event, NOW, names)).to.equal(
      '24 hours → 15 minutes and Remember me for agents off (By Mara)',
    );
  });

  it('that a later server may know keep their own name', () => {
    const event = { ...ended({}), type: 'session.moved' } as unknown as VigilEvent;
    expect(eventName(event.type)).to.equal('session.moved');
    expect(eventCause(event, NOW, names)).to.equal('');
  });
});
