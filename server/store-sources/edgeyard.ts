/** The store of another Edgeyard, over the REST API that anyone can use. */
import { openRegistry } from '../oci/open-registry';
import type { Registry } from '../oci/oci';
import type { SourceAccess } from '../operations/sync/sources';
import type { CatalogueRelease, StoreSource } from '../operations/sync/store-source';
import { Problem } from '../problem';
import { externalRegistry } from '../registries/schemas';
import { appRelease, shelf } from '../store/schemas';
import { namedRegistry } from './named-registry';
import { ofShelf } from './own';
import { openStoreHttp } from './store-http';

const pageSize = 500;
const mostReleases = 100_000;

/** Opens the source; nothing is asked yet. */
export function edgeyardSource(access: SourceAccess): StoreSource {
  const http = openStoreHttp({
    ...access,
    tokenHeader: (token) => ({ authorization: `Bearer ${token}` }),
  });
  const releasePath = (releaseId: string) => `/api/v1/store/releases/${encodeURIComponent(releaseId)}`;
  let clients: Promise<{ registry: Registry; prefix: string; address: string }> | undefined;

  return {
    async catalogue(call) {
      const found = new Map<string, CatalogueRelease>();
      for (let offset = 0; ; offset += pageSize) {
        const page = await http.json(
          `/api/v1/store/releases?limit=${pageSize}&offset=${offset}`,
          shelf,
          call,
        );
        // What is published meanwhile pushes others to the next page: they come twice, none is left out.
        for (const release of page.releases)
          found.set(release.id, withWholeIcon(access.url, ofShelf(release)));
        if (page.releases.length < pageSize || found.size >= page.total) return [...found.values()];
        if (found.size > mostReleases)
          throw new Problem('too_large', 'sync.errors.storeTooMuch', {
            host: http.host,
            limit: mostReleases,
          });
      }
    },
    async digest({ releaseId }, call) {
      const headers = await http.head(`${releasePath(releaseId)}/content`, call);
      if (headers === undefined) throw new Problem('gone', 'sync.errors.storeMissing', { host: http.host });
      return reprDigest(headers['repr-digest']);
    },
    download: ({ releaseId, size }, target, call) =>
      http.download(`${releasePath(releaseId)}/content`, target, {
        ...call,
        ...(size > 0 && { most: size }),
      }),
    async images({ releaseId }, _named, call) {
      return (await http.json(releasePath(releaseId), appRelease.pick({ locations: true }), call)).locations;
    },
    async registry(call) {
      clients ??= open(access, () => http.json('/api/v1/store/registry', toldRegistry, call));
      clients.catch(() => {
        clients = undefined;
      });
      return namedRegistry(await clients);
    },
    async close() {
      await http.close();
      await clients?.then(
        ({ registry }) => registry.close(),
        () => undefined,
      );
    },
  };
}

/** As the store tells of it; a path or a login in its address would be none of ours. */
const toldRegistry = externalRegistry.pick({ url: true, prefix: true });

/** The registry as it was set here, else as the store says: with the store's own trust and login. */
async function open(
  { url: store, registry: set, ca, registryLogin }: SourceAccess,
  ask: () => Promise<{ url: string; prefix: string }>,
) {
  if (set) return { registry: openRegistry(set), prefix: set.prefix, address: new URL(set.url).host };
  const { url, prefix } = await ask();
  requireProtected(store, url);
  const registry = openRegistry({ url, ca, login: registryLogin });
  return { registry, prefix, address: new URL(url).host };
}

/**
 * What a store says itself must not lead a login away: without TLS it goes to the store's own host only, and only where
 * the store is spoken to without TLS as well. An administrator who wants it otherwise sets the registry here.
 *
 * @param store address of the store
 * @param registry address of the registry that it names
 * @throws Problem `conflict`
 */
export function requireProtected(store: string, registry: string): void {
  const from = new URL(store);
  const to = new URL(registry);
  if (to.protocol === 'https:') return;
  if (from.protocol === 'http:' && from.hostname === to.hostname) return;
  throw new Problem('conflict', 'sync.errors.registryPlain', { host: from.host, registry: to.host });
}

/** `sha256:…` out of RFC 9530's `sha-256=:…:`; undefined where it names another algorithm. */
export function reprDigest(header: string | undefined): string | undefined {
  const base64 = /(?:^|[\s,])sha-256=:([A-Za-z0-9+/=]+):/.exec(header ?? '')?.[1];
  if (base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length === 32 ? `sha256:${bytes.toString('hex')}` : undefined;
}

/** Pictures are at the store, not here. */
function withWholeIcon(base: string, release: CatalogueRelease): CatalogueRelease {
  const { iconUrl } = release;
  return iconUrl?.startsWith('/') === true ? { ...release, iconUrl: base + iconUrl } : release;
}
