import { expect } from 'chai';
import { networkOf, Refusals } from '../../../server/sockets/refusals.ts';

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
    const refusals = new Refusals(() => 0);
    const address = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
    refusals.count('first', 'bad', { burst: 1, perSecond: 0 });
    for (let i = 0; i < 50_000; i += 1) refusals.count(address(i), 'bad', RATE);
    expect(refusals.count('first', 'bad', { burst: 1, perSecond: 0 })).to.equal(true);
  });

  it('takes an IPv6 network for one address, and a mapped IPv4 address for itself', () => {
    expect(networkOf('2001:db8:1:2:3:4:5:6')).to.equal(networkOf('2001:0DB8:0001:2::1'));
    expect(networkOf('2001:db8:1:2::1')).not.to.equal(networkOf('2001:db8:1:3::1'));
    expect(networkOf('::1')).to.equal('0:0:0:0::/64');
    expect(networkOf('2001:db8::1%eth0')).to.equal('2001:db8:0:0::/64');
    expect(networkOf('::ffff:192.0.2.7')).to.equal('192.0.2.7');
    expect(networkOf('192.0.2.7')).to.equal('192.0.2.7');
  });
});
