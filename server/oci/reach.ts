import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { RegistryError } from './oci';

/** Whether a connection to an IP address is allowed. */
export type MayConnect = (address: string) => boolean;

/**
 * A name lookup for sockets that gives allowed addresses only. The socket connects to the very address that was
 * checked, so a name that answers differently the next time gains nothing.
 */
export function lookupWithin(mayConnect: MayConnect): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error) callback(error, '', 0);
      else if (!first || !addresses.every(({ address }) => mayConnect(address)))
        callback(refusal(host), '', 0);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/**
 * Sockets look no name up for a host that is an address already.
 *
 * @param hostname as URL has it, with brackets around IPv6
 * @throws RegistryError `forbidden`
 */
export function requireReach(hostname: string, mayConnect: MayConnect): void {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !mayConnect(host)) throw refusal(host);
}

const refusal = (host: string) =>
  new RegistryError('forbidden', `${host} is not an address that may be reached from here`);
