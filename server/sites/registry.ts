import { Problem } from '../problem';
import type { Site } from './site';

export interface SiteRegistry {
  list(): Site[];
  /** @throws Problem `not_found` */
  get(id: string): Site;
}

/** The sites of this process by their ids. */
export function siteRegistry(sites: readonly Site[]): SiteRegistry {
  const byId = new Map(sites.map((site) => [site.id, site]));
  return {
    list: () => [...byId.values()],
    get: (id) => {
      const site = byId.get(id);
      if (!site) throw new Problem('not_found', 'sites.errors.noSite', { id });
      return site;
    },
  };
}
