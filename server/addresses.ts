import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { addSubnet } from './settings.ts';

export type AddressOf = (request: IncomingMessage) => string;

/** More than any honest chain of proxies; the header may be 16 kB of addresses. */
const MAX_HOPS = 20;

/**
 * The address a request really comes from: the peer's, or, where the peer is a trusted proxy, the nearest one in
 * `X-Forwarded-For` that is not. What stands before that one anybody may have written.
 */
export function createAddressOf(trusted: readonly string[]): AddressOf {
  const proxies = new BlockList();
  for (const subnet of trusted) addSubnet(proxies, subnet);
  const isTrusted = (address: string) => {
    const version = isIP(address);
    return version !== 0 && proxies.check(address, version === 4 ? 'ipv4' : 'ipv6');
  };

  return (request) => {
    let address = plainAddress(request.socket.remoteAddress ?? '');
    const forwarded = request.headers['x-forwarded-for'];
    if (forwarded === undefined || !isTrusted(address)) return address;
    const hops = [forwarded].flat().join(',').split(',').slice(-MAX_HOPS).reverse();
    for (const hop of hops) {
      const before = plainAddress(hop.trim());
      if (isIP(before) === 0) break;
      address = before;
      if (!isTrusted(address)) break;
    }
    return address;
  };
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

/** IPv4 as such, also where the socket speaks IPv6. */
export function plainAddress(address: string): string {
  return address.toLowerCase().startsWith('::ffff:') && isIP(address.slice(7)) === 4
    ? address.slice(7)
    : address;
}

/** What limits count by: an IPv6 customer has a whole /64. */
export function addressGroup(text: string): string {
  const address = plainAddress(text);
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  while (tail !== undefined && groups.length + rest.length < 8) groups.push('0');
  return [...groups, ...rest]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
