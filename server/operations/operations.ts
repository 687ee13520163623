/** Operations: edges, what is synced from stores, what is brought to edges and what runs there. */
import { openDeployments, type Deployments } from './deployments/deployments';
import type { DeploymentPorts } from './deployments/ports';
import { openDistributions, type Distributions } from './distribution/distribution';
import type { DistributionPorts } from './distribution/ports';
import type { Edges } from './edges/edges';
import { openEdges, type EdgePorts } from './edges/open-edges';
import { openOverview, type OverviewRoom } from './overview/overview';
import { openSync, type SyncPorts } from './sync/open-sync';
import type { Sync } from './sync/sync';

/** What operations need from the rest of the house. */
export type OperationsPorts = Omit<DeploymentPorts, 'edges' | 'sync' | 'distributions'> &
  EdgePorts &
  Omit<DistributionPorts, 'edges' | 'sync' | 'running'> &
  Omit<SyncPorts, 'edgesWith'>;

export interface Operations {
  edges: Edges;
  sync: Sync;
  distributions: Distributions;
  deployments: Deployments;
  overview: OverviewRoom;
}

/** Opens the room. */
export function openOperations(ports: OperationsPorts): Operations {
  const edges = openEdges(ports);
  const deployments = openDeployments({
    ...ports,
    edges: () => edges,
    sync: () => sync,
    distributions: () => distributions,
  });
  const distributions = openDistributions({
    ...ports,
    edges,
    sync: { release: (id) => sync.release(id), releases: (filter) => sync.releases(filter) },
    running: (at) => deployments.running(at),
  });
  const sync: Sync = openSync({
    ...ports,
    edgesWith: (releaseId) => {
      const names = new Map(edges.list().map(({ id, name }) => [id, name]));
      return distributions.placements({ releaseId }).flatMap(({ edgeId }) => names.get(edgeId) ?? []);
    },
  });
  const overview = openOverview({ log: ports.log, edges, sync: () => sync, distributions, deployments });
  return { edges, sync, distributions, deployments, overview };
}
