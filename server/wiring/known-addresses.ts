import type { Edges } from '../operations/edges/edges';
import type { Sync } from '../operations/sync/sync';
import type { Registries } from '../registries/registries';
import type { Sites } from '../sites/sites';
import type { KnownAddresses } from './container-ports';

/**
 * The registries, stores, edges' registries and other Edgeyards that an administrator set here, by `host:port`. Another
 * port of the same machine is not meant: there may be anything.
 */
export function knownAddresses(rooms: {
  registries: Pick<Registries, 'list'>;
  stores: () => Pick<Sync['stores'], 'addresses'>;
  edges: () => Pick<Edges, 'registryUrls'>;
  sites: () => Pick<Sites, 'addressesOf'>;
}): KnownAddresses {
  return {
    list: () => {
      const urls = [
        ...rooms.stores().addresses(),
        ...rooms.edges().registryUrls(),
        ...rooms.sites().addressesOf('edgeyard'),
      ];
      const named = urls.flatMap((url) => (URL.canParse(url) ? [{ address: new URL(url).host }] : []));
      return [...rooms.registries.list(), ...named];
    },
  };
}
