import type { Actor } from '../access/actor';
import { Problem } from '../problem';
import type { Hop, ReachFix, Reaching, ReachMend } from '../sites/reaching';
import type { CloudWish, OpenPort } from '../sites/site';
import type { Vm } from './model';
import type { WorkbenchPorts } from './ports';
import type { VmJobParts } from './vm-create-job';

/** The way from the server to a VM's SSH port, which uploads and tools need. */
export interface VmReach {
  hops: Hop[];
  fixes: ReachFix[];
}

/** Port of SSH, which files and tools go through. */
const sshPort = 22;

/**
 * Looks at every hop to a VM's SSH port; changes nothing.
 *
 * @throws Problem `conflict` for a VM that was never made, or whose site cannot look; what the site throws
 */
export async function examineReach(ports: WorkbenchPorts, vm: Vm, signal?: AbortSignal): Promise<VmReach> {
  const { reach, ref } = requireReach(ports, vm);
  return reach.examine(ref, sshPort, { signal });
}

/**
 * Applies a fix that {@link examineReach} offered, remembers it with what was asked at creation, then looks again.
 *
 * @throws Problem `conflict` for a fix that is not offered now; what the site throws
 */
export async function mendReach(
  { ports, vmRows }: Pick<VmJobParts, 'ports' | 'vmRows'>,
  actor: Actor,
  vm: Vm,
  kind: ReachMend['kind'],
  signal?: AbortSignal,
): Promise<VmReach> {
  const { reach, ref } = requireReach(ports, vm);
  const { fixes } = await reach.examine(ref, sshPort, { signal });
  const fix = fixes.find((each) => each.kind === kind);
  if (!fix || fix.kind === 'configDrive') throw new Problem('conflict', 'workbench.errors.noSuchFix');
  await reach.mend(ref, fix, { signal });
  // Read anew: the site took its time, and the VM may have been changed or deleted meanwhile.
  const wish = vmRows.find(vm.id)?.cloud ?? noWish;
  vmRows.write(vm.id, {
    cloud:
      fix.kind === 'openPort'
        ? withPort(wish, { protocol: 'tcp', port: fix.port })
        : { ...wish, floatingNetworkId: fix.networkId },
  });
  ports.audit({
    actor,
    action: 'vm.mendReach',
    subject: { type: 'vm', id: vm.id },
    detail: { name: vm.name, fix: kind },
  });
  return reach.examine(ref, sshPort, { signal });
}

const noWish: CloudWish = { moreNetworks: [], securityGroupIds: [], openPorts: [] };

function withPort(wish: CloudWish, open: OpenPort): CloudWish {
  const isThere = wish.openPorts.some(
    ({ protocol, port }) => protocol === open.protocol && port === open.port,
  );
  return isThere ? wish : { ...wish, openPorts: [...wish.openPorts, open] };
}

function requireReach(ports: WorkbenchPorts, vm: Vm): { reach: Reaching; ref: string } {
  const site = ports.sites.get(vm.siteId);
  if (!site.reach) throw new Problem('conflict', 'sites.missing.reach', { site: site.name });
  if (vm.siteRef === undefined) throw new Problem('conflict', 'workbench.gates.isCreating');
  return { reach: site.reach, ref: vm.siteRef };
}
