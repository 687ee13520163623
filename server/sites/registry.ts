import { Problem, type ProblemReport } from '../problem';
import type { SitePurpose, SiteState } from './schemas';
import {
  hostsStacks,
  runsContainers,
  runsVms,
  type AnySite,
  type Site,
  type SiteKind,
  type StackHost,
  type WorkloadSite,
} from './site';

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
export type WorkloadRegistryChange = { change: 'added' | 'removed'; site: WorkloadSite };

/** The sites that work can be given to. */
export interface SiteRegistry {
  /** Those that run VMs and are open. */
  list(): Site[];
  /**
   * @throws Problem `not_found`; `unavailable` while it is not open, with the reason; `conflict` for one that runs
   *   containers, or takes stacks only
   */
  get(id: string): Site;
  /**
   * The site once it is open: what goes on after a restart must not fail because a cloud takes its time.
   *
   * @param signal ends the waiting
   * @throws Problem `not_found`; `unavailable` when the first try failed
   */
  opened(id: string, signal?: AbortSignal): Promise<Site>;
  /** Those that run VMs and are open, be they made one by one or as stacks only. */
  stackHosts(): StackHost[];
  /** @throws Problem as {@link get}, which refuses those that take stacks only */
  stackHost(id: string): StackHost;
  /** The site once it is open, as {@link opened}. */
  stackHostOpened(id: string, signal?: AbortSignal): Promise<StackHost>;
  /** Those that run containers and are open. */
  workloadSites(): WorkloadSite[];
  /** @throws Problem as {@link get}; `conflict` for one that runs VMs */
  workloadSite(id: string): WorkloadSite;
  /** The site once it is open, as {@link opened}. */
  workloadOpened(id: string, signal?: AbortSignal): Promise<WorkloadSite>;
  /** How a site stands; undefined when there is none of this id. */
  standing(id: string): SiteStanding | undefined;
  /** Calls the listener until the returned function is called; for sites that run VMs. */
  onChange(listener: (change: RegistryChange) => void): () => void;
  /** The same for sites that run containers. */
  onWorkloadSite(listener: (change: WorkloadRegistryChange) => void): () => void;
}

/** Sites that are open and stay so, by their ids: for tests and tools. */
export function siteRegistry(sites: readonly AnySite[]): SiteRegistry {
  const byId = new Map(sites.map((site) => [site.id, site]));
  const find = (id: string) => byId.get(id) ?? noSite(id);
  return {
    list: () => [...byId.values()].filter(runsVms),
    get: (id) => asVmSite(find(id)),
    opened: (id) => Promise.resolve(asVmSite(find(id))),
    stackHosts: () => [...byId.values()].filter(hostsStacks),
    stackHost: (id) => asStackHost(find(id)),
    stackHostOpened: (id) => Promise.resolve(asStackHost(find(id))),
    workloadSites: () => [...byId.values()].filter(runsContainers),
    workloadSite: (id) => asWorkloadSite(find(id)),
    workloadOpened: (id) => Promise.resolve(asWorkloadSite(find(id))),
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
    onWorkloadSite: () => () => undefined,
  };
}

/** @throws Problem `conflict` for a site that runs containers, or takes stacks only */
export function asVmSite(site: AnySite): Site {
  const host = asStackHost(site);
  if (!runsVms(site)) throw new Problem('conflict', 'sites.missing.singleVms', { site: host.name });
  return site;
}

/** @throws Problem `conflict` for a site that runs containers */
export function asStackHost(site: AnySite): StackHost {
  if (runsContainers(site)) throw new Problem('conflict', 'sites.missing.vms', { site: site.name });
  return site;
}

/** @throws Problem `conflict` for a site that runs VMs */
export function asWorkloadSite(site: AnySite): WorkloadSite {
  if (!runsContainers(site)) throw new Problem('conflict', 'sites.missing.workloads', { site: site.name });
  return site;
}

/** @throws Problem `not_found`, always */
export function noSite(id: string): never {
  throw new Problem('not_found', 'sites.errors.noSite', { id });
}
