/** VMs of stacks, as the consoles see them. */
import { Problem } from '../../problem';
import type { VmState } from '../../workbench/vm-gates';
import { isVm, vmStateOf } from './deployment-gates';
import type { DeploymentRow } from './deployment-rows';

/** A VM of a deployment. */
export interface DeploymentVm {
  /** `<deployment>.<resource>` */
  id: string;
  name: string;
  siteId: string;
  /** The site's own id; undefined before it was made there. */
  siteRef: string | undefined;
  state: VmState;
}

/** One of its VMs, as it was last seen. @throws Problem `not_found` */
export function vmOfDeployment(row: DeploymentRow, resource: string): DeploymentVm {
  const found = row.resources.find((each) => each.name === resource && isVm(each));
  if (!found) throw new Problem('not_found', 'deployments.errors.noVm', { name: resource });
  return {
    id: `${row.id}.${resource}`,
    name: `${row.name} · ${resource}`,
    siteId: row.siteId,
    siteRef: found.id === '' ? undefined : found.id,
    state: vmStateOf(row.state, found),
  };
}
