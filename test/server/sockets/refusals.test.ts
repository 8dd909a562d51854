import { expect } from 'chai';
import { Refusals } from '../../../server/sockets/refusals.ts';

const RATE = { burst: 2, perSecond: 1 };

describe('what was refused lately', () => {
  it('limits an address in each kind by itself, and lets it in again with time', () => {
    let now = 0;
    const refusals = new Refusals(() => now);
    const count = (address: string, kind = 'bad') => refusals.count(address, kind, RATE);
    expect([count('10.0.0.1'), count('10.0.0.1'), count('10.0.0.1')]).to.deep.equal([true, true, false]);
    expect([count('10.0.0.2'), count('10.0.0.1', 'stale')]).to.deep.equal([true, true]);
    now = 999;
    expect(count('10.0.0.1')).to.equal(false);
    now = 2_000;
    expect(count('10.0.0.1')).to.equal(true);
  });

  it('remembers an ended login for a minute, and only that one', () => {
    let now = 0;
    const refusals = new Refusals(() => now);
    const login = { account: 'acme', agent: 'ada', sid: 's-1' };
    refusals.remember(login, 'admin');
    expect(refusals.endOf(login)).to.equal('admin');
    for (const other of [{ account: 'other' }, { agent: 'bob' }, { sid: 's-2' }]) {
      expect(refusals.endOf({ ...login, ...other })).to.equal(undefined);
    }
    now = 60_000;
    expect(refusals.endOf(login)).to.equal(undefined);
  });

  it('forgets whoever has been quiet longest where there are too many', () => {
    const dropped: string[] = [];
    const refusals = new Refusals(
      () => 0,
      (what) => void dropped.push(what),
    );
    const address = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
    refusals.count('first', 'bad', { burst: 1, perSecond: 0 });
    for (let i = 0; i < 50_000; i += 1) refusals.count(address(i), 'bad', RATE);
    expect(dropped, 'and says so').to.deep.equal(['address']);
    expect(refusals.count('first', 'bad', { burst: 1, perSecond: 0 })).to.equal(true);
    for (let i = 0; i <= 10_000; i += 1)
      refusals.remember({ account: 'acme', agent: 'ada', sid: `s-${i}` }, 'logout');
    expect(refusals.endOf({ account: 'acme', agent: 'ada', sid: 's-0' })).to.equal(undefined);
    expect(refusals.endOf({ account: 'acme', agent: 'ada', sid: 's-1' })).to.equal('logout');
    expect(dropped).to.deep.equal(['address', 'address', 'ended_login']);
  });
});
