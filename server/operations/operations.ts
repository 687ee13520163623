/** Operations: edges, what is synced from stores, what is brought to edges and what runs there. */
import { openDeployments, type DeploymentPorts, type Deployments } from './deployments/deployments';
import type { Edges } from './edges/edges';
import { openEdges, type EdgePorts } from './edges/open-edges';

/** What operations need from the rest of the house. */
export type OperationsPorts = DeploymentPorts & EdgePorts;

export interface Operations {
  edges: Edges;
  deployments: Deployments;
}

/** Opens the room. */
export function openOperations(ports: OperationsPorts): Operations {
  return { edges: openEdges(ports), deployments: openDeployments(ports) };
}
