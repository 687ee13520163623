import type { RegistryAccess } from '../../oci/oci';
import type { StoreKind } from './schemas';
import type { StoreSource } from './store-source';
import type { StoreRows } from './store-rows';

/** How a store is reached and let into. */
export interface SourceAccess {
  kind: StoreKind;
  /** Empty for the own one. */
  url: string;
  ca: string | undefined;
  token: string | undefined;
  /** Its registry as it was set here; undefined: as the store itself says. */
  registry: (RegistryAccess & { prefix: string }) | undefined;
  /** For the registry that the store itself names. */
  registryLogin: { user: string; password: string } | undefined;
}

/** Opens the adapter of a store; nothing is asked yet. */
export type OpenSource = (access: SourceAccess) => StoreSource;

/** The open sources, one for each store. */
export interface Sources {
  /** @throws Problem `not_found` */
  of(storeId: string): StoreSource;
  /** How a store is reached was changed, or it is gone: who uses the old source finishes with it. */
  renew(storeId: string): void;
  close(): Promise<void>;
}

/** Opens no source yet. */
export function openSources(stores: Pick<StoreRows, 'require' | 'secretsOf'>, open: OpenSource): Sources {
  const sources = new Map<string, StoreSource>();
  /** Closed at the end: a job may be in the middle of a download with one of them. */
  const former: StoreSource[] = [];

  const accessOf = (id: string): SourceAccess => {
    const { kind, url, ca, registry, registryUser } = stores.require(id);
    const { token, registryPassword } = stores.secretsOf(id);
    const configured = registry && {
      url: registry.url,
      ca: registry.ca,
      prefix: registry.prefix,
      login:
        registry.user === undefined ? undefined : { user: registry.user, password: registryPassword ?? '' },
    };
    // An API token of an Edgeyard opens its registry too, under any name.
    const password = registryPassword ?? token;
    const login = password === undefined ? undefined : { user: registryUser ?? 'token', password };
    return {
      kind,
      url: url ?? '',
      ca: ca ?? undefined,
      token,
      registry: configured ?? undefined,
      registryLogin: login,
    };
  };

  return {
    of(id) {
      const known = sources.get(id);
      if (known) return known;
      const source = open(accessOf(id));
      sources.set(id, source);
      return source;
    },
    renew(id) {
      const before = sources.get(id);
      sources.delete(id);
      if (before) former.push(before);
    },
    async close() {
      await Promise.all([...sources.values(), ...former].map((source) => source.close()));
    },
  };
}
