import { expect } from 'chai';
import { dueAt, judge } from '../../client/sdk/session/due.ts';
import { createLedger } from '../../client/sdk/session/ledger.ts';
import type { SessionMessage } from '../../shared/protocol.ts';

const T = Date.UTC(2026, 0, 5, 9);
const TIMEOUT = 900_000;
const LEAD = 60_000;

function message(changes: Partial<SessionMessage> = {}): SessionMessage {
  const times = {
    lastActivityAt: T,
    deadlineAt: T + TIMEOUT,
    endsAt: T + TIMEOUT,
    warnAt: T + TIMEOUT - LEAD,
  };
  return {
    rev: 5,
    state: 'active',
    ...times,
    timeoutMs: TIMEOUT,
    leadMs: LEAD,
    available: null,
    serverTime: T,
    ...changes,
  };
}
const warning = (rev: number, endsAt: number) => ({ rev, deadlineAt: endsAt, endsAt, serverTime: T });

describe('What a page holds of its session', () => {
  it('drops messages that are older than what it holds', () => {
    const ledger = createLedger();
    expect(ledger.session(message({ rev: 5 }))).to.equal(true);
    expect(ledger.warning(warning(4, T + 9))).to.equal(false);
    expect(ledger.session(message({ rev: 4 }))).to.equal(false);
    expect(ledger.isCurrent(4)).to.equal(false);
    expect(ledger.session(message({ rev: 5, available: true }))).to.equal(true);
    expect(ledger.warning(warning(6, T + 9))).to.equal(true);
    expect(ledger.told).to.include({ rev: 6, state: 'warning', endsAt: T + 9, available: true });
    expect(ledger.session(message({ rev: 5 })), 'overtaken by the warning').to.equal(false);
  });

  it('takes the first session of a new connection, whatever it held, and nothing before it', () => {
    const ledger = createLedger();
    expect(ledger.warning(warning(9, T))).to.equal(false);
    ledger.session(message({ rev: 9 }));
    ledger.expectSnapshot();
    expect(ledger.warning(warning(10, T))).to.equal(false);
    expect(ledger.session(message({ rev: 2 }))).to.equal(true);
    expect(ledger.told!.rev).to.equal(2);
  });

  it('takes nothing that is not whole', () => {
    const ledger = createLedger();
    for (const broken of [
      { endsAt: Number.NaN },
      { rev: '5' },
      { serverTime: null },
      { timeoutMs: undefined },
    ]) {
      expect(ledger.session({ ...message(), ...broken } as unknown as SessionMessage)).to.equal(false);
    }
    expect(ledger.told).to.equal(null);
  });

  it('cannot be changed by who reads it', () => {
    const ledger = createLedger();
    ledger.session(message());
    expect(Object.isFrozen(ledger.told)).to.equal(true);
    expect(ledger.told).not.to.have.property('serverTime');
  });
});

describe('When a page must not be read any more', () => {
  const told = message();
  const facts = { told, heardAt: T, reportedAt: null, up: true };

  it('is when its deadline has passed, a moment later where the link may still bring the word', () => {
    expect(judge({ ...facts, up: false }, T + TIMEOUT - 1).hide).to.equal(false);
    expect(judge({ ...facts, up: false }, T + TIMEOUT).hide).to.equal(true);
    expect(judge(facts, T + TIMEOUT).hide).to.equal(false);
    expect(judge(facts, T + TIMEOUT + 1_500).hide).to.equal(true);
  });

  it('moves with input that was reported, but not under a warning', () => {
    expect(dueAt({ told, reportedAt: T + 500_000 })).to.equal(T + 500_000 + TIMEOUT);
    expect(dueAt({ told, reportedAt: T - 5 })).to.equal(T + TIMEOUT);
    const warned = message({ state: 'warning', endsAt: T + LEAD });
    expect(dueAt({ told: warned, reportedAt: T + 500_000 })).to.equal(T + LEAD);
  });

  it('is asked for where a word was due and none came, and then only every 15 seconds', () => {
    expect(judge(facts, told.warnAt + 2_999).ask).to.equal(false);
    expect(judge(facts, told.warnAt + 3_000).ask).to.equal(true);
    expect(judge({ ...facts, up: false }, told.warnAt + 3_000).ask).to.equal(false);
    const heardAt = told.warnAt + 4_000;
    expect(judge({ ...facts, heardAt }, heardAt + 14_999).ask).to.equal(false);
    expect(judge({ ...facts, heardAt }, heardAt + 15_000).ask).to.equal(true);
  });
});
