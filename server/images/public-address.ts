import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Problem } from '../problem';

/**
 * Addresses that are not public, by the IANA special-purpose registries: a server that fetches what people name must not
 * become their way into the network it stands in.
 */
const special4 = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  special4.addSubnet(net, bits, 'ipv4');
}
// A list of its own: one list takes an IPv4 address for its mapped IPv6 form as well.
const special6 = new BlockList();
// Only 2000::/3 is handed out; of it, the ranges that tunnel to or stand for other addresses are left out.
for (const [net, bits] of [
  ['::', 3],
  ['4000::', 2],
  ['8000::', 1],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const) {
  special6.addSubnet(net, bits, 'ipv6');
}

/** Tells whether an IP address can be reached by anyone on the internet. */
export function isPublicAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const plain = mapped ?? address;
  const family = isIP(plain);
  if (family === 4) return !special4.check(plain, 'ipv4');
  return family === 6 && !special6.check(plain, 'ipv6');
}

/**
 * Checks an address that somebody typed, before any connection.
 *
 * @throws Problem `invalid` for other protocols, credentials in the address, and IP addresses that are not public
 */
export function requireFetchable(url: URL, allowPrivate: boolean): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new Problem('invalid', 'images.errors.urlProtocol', { protocol: url.protocol });
  }
  // They would stand in the database, the page and the log.
  if (url.username !== '' || url.password !== '')
    throw new Problem('invalid', 'images.errors.urlCredentials');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host)) refuse(host);
}

function refuse(host: string): never {
  throw new Problem('invalid', 'images.errors.urlPrivate', { host });
}

/**
 * A name lookup for sockets that gives only public addresses. The socket connects to the very address that was checked,
 * so a name that answers differently the next time gains nothing.
 */
export const publicLookup: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    if (error) {
      callback(error, '', 0);
      return;
    }
    const blocked = addresses.find(({ address }) => !isPublicAddress(address));
    const [first] = addresses;
    if (blocked || !first) {
      callback(new Problem('invalid', 'images.errors.urlPrivate', { host }), '', 0);
    } else if (options.all === true) {
      callback(null, addresses);
    } else {
      callback(null, first.address, first.family);
    }
  });
};
