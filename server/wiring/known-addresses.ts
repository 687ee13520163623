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
  stores: () => Pick<Sync['stores'], 'list'>;
  edges: () => Pick<Edges, 'list'>;
  sites: () => Pick<Sites, 'adminList'>;
}): KnownAddresses {
  return {
    list: () => {
      const urls = [
        ...rooms
          .stores()
          .list()
          .flatMap(({ url, registry }) => [url, registry?.url]),
        ...rooms
          .edges()
          .list()
          .map(({ registry }) => registry?.url),
        ...rooms
          .sites()
          .adminList()
          .map(({ kind, config }) => (kind === 'edgeyard' ? config?.url : undefined)),
      ];
      const named = urls.flatMap((url) => (url && URL.canParse(url) ? [{ address: new URL(url).host }] : []));
      return [...rooms.registries.list(), ...named];
    },
  };
}
