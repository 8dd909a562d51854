import { expect } from 'chai';
import { Witness } from '../../../../server/engine/redis/witness.ts';
import { MINUTE, START } from '../../../contract/engine/harness.ts';
import { loginOf } from './node-under-test.ts';

describe('what a node knows first-hand', () => {
  const login = loginOf('ann', START);
  const everybody = () => true;
  const viewAt = (lastActivityAt: number) => ({
    rev: 1,
    state: 'active' as const,
    lastActivityAt,
    deadlineAt: lastActivityAt + MINUTE,
    endsAt: lastActivityAt + MINUTE,
    warnAt: lastActivityAt,
    timeoutMs: MINUTE,
    leadMs: 1,
    available: null,
  });

  it('keeps input that is newer than an answer which comes late', () => {
    const witness = new Witness();
    witness.admitted(login, viewAt(START), { tab: 't1', now: START });
    witness.touched({ ...login, at: START + 5_000 });
    witness.admitted(login, viewAt(START), { tab: 't2', now: START + 6_000 });
    expect(witness.logins(everybody)[0]).to.include({ lastActivityAt: START + 5_000 });
  });

  it('forgets the tabs of a login with its end, and no tab by the word of another agent', () => {
    const witness = new Witness();
    witness.admitted(login, viewAt(START), { tab: 't1', now: START });
    const closed = { ...login, tab: 't1', visible: null, at: START };
    expect(witness.turned({ ...closed, agent: 'bob' })).to.equal(false);
    expect(witness.tabs(everybody)).to.have.length(1);
    witness.ended(login);
    expect(witness.turned(closed)).to.equal(false);
    expect(witness.logins(everybody)).to.deep.equal([]);
  });

  it('has a tab under the login that it opened with last, and under no other', () => {
    const witness = new Witness();
    const next = { ...login, sid: 'next' };
    witness.admitted(login, viewAt(START), { tab: 't1', now: START });
    witness.admitted(next, viewAt(START), { tab: 't1', now: START });
    expect(witness.logins(everybody).map(({ sid, isOpen }) => [sid, isOpen])).to.deep.equal([
      [login.sid, false],
      ['next', true],
    ]);
    witness.ended(login);
    expect(witness.turned({ ...next, tab: 't1', visible: true, at: START })).to.equal(true);
  });
});
