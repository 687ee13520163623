/** VMs of stacks, as the consoles see them. */
import { Problem } from '../../problem';
import type { DeploymentRow } from './deployment-rows';

/** What a site calls a VM among the resources of a stack: sites that have VMs only, and Heat. */
const vmTypes: readonly string[] = ['VM', 'OS::Nova::Server'];

/** A VM of a deployment. */
export interface DeploymentVm {
  /** `<deployment>.<resource>` */
  id: string;
  name: string;
  siteId: string;
  /** The site's own id; undefined before it was made there. */
  siteRef: string | undefined;
  state: 'running' | 'stopped';
}

/** One of its VMs, as it was last seen. @throws Problem `not_found` */
export function vmOfDeployment(row: DeploymentRow, resource: string): DeploymentVm {
  const found = row.resources.find(({ name, type }) => name === resource && vmTypes.includes(type));
  if (!found) throw new Problem('not_found', 'deployments.errors.noVm', { name: resource });
  const isThere = row.state === 'ready' || row.state === 'changing' || row.state === 'notReady';
  return {
    id: `${row.id}.${resource}`,
    name: `${row.name} · ${resource}`,
    siteId: row.siteId,
    siteRef: found.id === '' ? undefined : found.id,
    state: isThere ? 'running' : 'stopped',
  };
}
