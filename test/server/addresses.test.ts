import type { IncomingMessage } from 'node:http';
import { expect } from 'chai';
import { addressGroup, createAddressOf, isLoopback } from '../../server/addresses.ts';

function requestFrom(remoteAddress: string | undefined, forwarded?: string): IncomingMessage {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
}

describe('the address of a client', () => {
  it('is the peer’s, whatever it says of itself', () => {
    const addressOf = createAddressOf([]);
    expect(addressOf(requestFrom('192.0.2.1', '203.0.113.7'))).to.equal('192.0.2.1');
    expect(addressOf(requestFrom('::ffff:192.0.2.1')), 'IPv4 on a socket that speaks both').to.equal(
      '192.0.2.1',
    );
    expect(addressOf(requestFrom(undefined))).to.equal('');
  });

  it('is the nearest that no trusted proxy has, where the peer is one', () => {
    const addressOf = createAddressOf(['10.0.0.0/8', '2001:db8::/32']);
    for (const [peer, forwarded, address] of [
      ['10.1.2.3', '203.0.113.7', '203.0.113.7'],
      ['10.1.2.3', 'evil, 198.51.100.1, 203.0.113.7', '203.0.113.7'],
      ['10.1.2.3', '203.0.113.7, 10.9.9.9', '203.0.113.7'],
      ['10.1.2.3', '10.8.8.8, 10.9.9.9', '10.8.8.8'],
      ['10.1.2.3', '203.0.113.7, nonsense', '10.1.2.3'],
      ['10.1.2.3', '', '10.1.2.3'],
      ['::ffff:10.1.2.3', '::ffff:203.0.113.7', '203.0.113.7'],
      ['2001:db8::1', '2001:470::2', '2001:470::2'],
      ['192.0.2.1', '203.0.113.7', '192.0.2.1'],
    ] as const) {
      expect(addressOf(requestFrom(peer, forwarded)), `${peer} for ${forwarded}`).to.equal(address);
    }
  });

  it('is looked for among so many hops and no more', () => {
    const addressOf = createAddressOf(['10.0.0.0/8']);
    const chain = `203.0.113.7, ${Array(1_000).fill('10.0.0.1').join(', ')}`;
    expect(addressOf(requestFrom('10.0.0.1', chain))).to.equal('10.0.0.1');
  });

  it('knows this machine', () => {
    expect(['127.0.0.1', '127.9.9.9', '::1'].map(isLoopback)).to.deep.equal([true, true, true]);
    expect(['128.0.0.1', '::2', '', '10.127.0.1'].map(isLoopback)).to.deep.equal([
      false,
      false,
      false,
      false,
    ]);
  });

  it('counts by /64 in IPv6, where whoever has one address has them all', () => {
    expect(addressGroup('203.0.113.7')).to.equal('203.0.113.7');
    expect(addressGroup('2001:db8:0:1::5')).to.equal(addressGroup('2001:0db8:0000:0001:ffff::9'));
    expect(addressGroup('2001:db8:0:1::5')).to.not.equal(addressGroup('2001:db8:0:2::5'));
    expect(addressGroup('::1')).to.equal('0:0:0:0');
    expect(addressGroup('2001:db8::1%eth0')).to.equal('2001:db8:0:0');
    expect(addressGroup('::ffff:192.0.2.7'), 'IPv4 on a socket that speaks both').to.equal('192.0.2.7');
  });
});
