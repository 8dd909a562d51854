import { expect } from 'chai';
import { agentOf, why } from '../../cli/event-words.ts';
import type { VigilEvent } from '../../shared/events.ts';

const AT = Date.UTC(2026, 10, 26, 13, 35, 5);
const INPUT = AT - 900_000;

describe('an event in words', () => {
  const event = (type: string, data: object) =>
    ({ id: '1', account: 'acme', at: AT, type, data }) as VigilEvent;
  const ended = (more: object) =>
    why(
      event('session.ended', {
        agent: 'ann',
        sessions: ['a'],
        reason: 'timeout',
        inactivity: 'no_input',
        lastActivityAt: INPUT,
        ...more,
      }),
    );

  it('says why a session ended, and since when there was no input', () => {
    expect(ended({})).to.equal('timeout, no input since 13:20:05Z');
    expect(ended({ inactivity: 'not_open', lastActivityAt: INPUT - 86_400_000 })).to.equal(
      'timeout, not open anywhere, no input since 2026-11-25 13:20:05Z',
    );
    expect(ended({ inactivity: 'not_active_tab', sessions: ['a', 'b'] })).to.equal(
      'timeout, not the active tab, no input since 13:20:05Z; 2 sessions',
    );
    expect(ended({ reason: 'logout' })).to.equal('logout');
    expect(ended({ reason: 'logout', by: 'host' })).to.equal('logout in the service desk, by host');
    expect(ended({ reason: 'admin', by: 'mara' })).to.equal('signed out by mara');
    expect(ended({ reason: 'lost' })).to.match(/lost its data/);
    expect(ended({ reason: 'eclipse' }), 'a reason of a newer server').to.equal('eclipse');
  });

  it('says what else happened, and to whom', () => {
    const policy = (timeoutSeconds: number, agent: boolean) => ({
      timeoutSeconds,
      rememberMe: { agent, requester: true },
    });
    const cases: [string, object, string, string][] = [
      ['session.started', { agent: 'ann', session: 'a', loginAt: INPUT }, 'ann', 'logged in 13:20:05Z'],
      [
        'session.warned',
        { agent: 'ann', lastActivityAt: INPUT, endsAt: AT },
        'ann',
        'no input since 13:20:05Z, ends 13:35:05Z',
      ],
      ['session.resumed', { agent: 'ann', lastActivityAt: INPUT }, 'ann', 'last input 13:20:05Z'],
      ['agent.unavailable', { agent: 'ann', cause: 'timeout' }, 'ann', 'by the timeout'],
      ['agent.available', { agent: 'ann', cause: 'admin', by: 'mara' }, 'ann', 'by mara'],
      [
        'policy.changed',
        { by: 'mara', before: policy(900, true), after: policy(28_800, false) },
        '',
        '15 min → 8 h, remember me for agents off by mara',
      ],
      [
        'access.refused',
        { by: 'ann', needs: 'manage_security', call: 'PUT /v1/policy' },
        'ann',
        'PUT /v1/policy needs manage_security',
      ],
      ['audit.exported', { by: 'mara', format: 'csv' }, '', 'as csv by mara'],
      ['moon.rose', { agent: 'ann', colour: 'red' }, 'ann', '{"agent":"ann","colour":"red"}'],
    ];
    for (const [type, data, agent, words] of cases)
      expect([agentOf(event(type, data)), why(event(type, data))], type).to.deep.equal([agent, words]);
  });
});
