import type { QueryFilters } from '@tanstack/react-query';
import type { useTRPC } from '../api/trpc-provider';
import type { Change } from './notice-stream';

type Trpc = ReturnType<typeof useTRPC>;

/**
 * Which queries a change makes old. A room adds or sharpens its topic here; a filter that names too much only costs a
 * request, one that names too little leaves the page wrong.
 */
const affected: Record<Change['topic'], (trpc: Trpc, id: string) => QueryFilters[]> = {
  job: (trpc, id) => [
    trpc.jobs.list.pathFilter(),
    // How a tool stands in a VM is how its job stands.
    trpc.tools.ofVm.pathFilter(),
    trpc.jobs.get.queryFilter({ id }),
    trpc.jobs.log.queryFilter({ id }),
  ],
  project: (trpc) => [trpc.workbench.pathFilter()],
  vm: (trpc) => [trpc.workbench.pathFilter(), trpc.sites.offers.pathFilter()],
  screen: (trpc) => [trpc.workbench.pathFilter()],
  files: (trpc) => [trpc.files.pathFilter()],
  tools: (trpc) => [trpc.tools.pathFilter()],
  image: (trpc) => [trpc.images.pathFilter(), trpc.sites.offers.pathFilter()],
  containers: (trpc) => [trpc.containers.pathFilter()],
  package: (trpc) => [trpc.packages.pathFilter()],
  app: (trpc) => [trpc.store.pathFilter()],
  distribution: (trpc, id) => [
    trpc.distributions.list.pathFilter(),
    trpc.distributions.get.queryFilter({ id }),
    trpc.distributions.run.queryFilter({ id }),
    trpc.distributions.causes.queryFilter({ id }),
    trpc.overview.pathFilter(),
  ],
  placement: (trpc) => [
    trpc.distributions.placements.pathFilter(),
    trpc.distributions.plan.pathFilter(),
    trpc.overview.pathFilter(),
  ],
  store: (trpc) => [trpc.sync.pathFilter()],
  syncedRelease: (trpc) => [trpc.sync.pathFilter(), trpc.overview.pathFilter()],
  deployment: (trpc) => [trpc.deployments.pathFilter(), trpc.overview.pathFilter()],
  // A VM shows whether its site can be reached.
  site: (trpc) => [trpc.sites.pathFilter(), trpc.workbench.pathFilter()],
  registries: (trpc) => [trpc.registries.pathFilter()],
  edge: (trpc) => [trpc.edges.pathFilter(), trpc.overview.pathFilter()],
  users: (trpc) => [trpc.access.pathFilter()],
  audit: (trpc) => [trpc.access.audit.pathFilter()],
};

/** The queries that a change makes old. */
export function affectedBy(trpc: Trpc, { topic, id }: Change): QueryFilters[] {
  return affected[topic](trpc, id);
}
