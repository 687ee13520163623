import { Problem, type ProblemReport } from '../problem';
import type { SitePurpose, SiteState } from './schemas';
import type { Site, SiteKind } from './site';

/** What is known of a site whether it can be reached or not. */
export interface SiteStanding {
  id: string;
  kind: SiteKind;
  name: string;
  purpose: SitePurpose;
  state: SiteState;
  /** When the state was entered, milliseconds since 1970. */
  since: number;
  problem: ProblemReport | undefined;
}

/** A site came or went; a changed one goes first and then comes. */
export type RegistryChange = { change: 'added' | 'removed'; site: Site };

/** The sites that work can be given to. */
export interface SiteRegistry {
  /** Those that are open. */
  list(): Site[];
  /** @throws Problem `not_found`; `unavailable` while it is not open, with the reason */
  get(id: string): Site;
  /**
   * The site once it is open: what goes on after a restart must not fail because a cloud takes its time.
   *
   * @param signal ends the waiting
   * @throws Problem `not_found`; `unavailable` when the first try failed
   */
  opened(id: string, signal?: AbortSignal): Promise<Site>;
  /** How a site stands; undefined when there is none of this id. */
  standing(id: string): SiteStanding | undefined;
  /** Calls the listener until the returned function is called. */
  onChange(listener: (change: RegistryChange) => void): () => void;
}

/** Sites that are open and stay so, by their ids: for tests and tools. */
export function siteRegistry(sites: readonly Site[]): SiteRegistry {
  const byId = new Map(sites.map((site) => [site.id, site]));
  const get = (id: string) => byId.get(id) ?? noSite(id);
  return {
    list: () => [...byId.values()],
    get,
    opened: (id) => Promise.resolve(get(id)),
    standing: (id) => {
      const site = byId.get(id);
      return (
        site && {
          id,
          kind: site.kind,
          name: site.name,
          purpose: 'sandbox',
          state: 'ready',
          since: 0,
          problem: undefined,
        }
      );
    },
    onChange: () => () => undefined,
  };
}

/** @throws Problem `not_found`, always */
export function noSite(id: string): never {
  throw new Problem('not_found', 'sites.errors.noSite', { id });
}
