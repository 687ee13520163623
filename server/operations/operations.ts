/** Operations: edges, what is synced from stores, what is brought to edges and what runs there. */
import { openDeployments, type DeploymentPorts, type Deployments } from './deployments/deployments';

/** What operations need from the rest of the house. */
export type OperationsPorts = DeploymentPorts;

export interface Operations {
  deployments: Deployments;
}

/** Opens the room. */
export function openOperations(ports: OperationsPorts): Operations {
  return { deployments: openDeployments(ports) };
}
