/** Where apps are built: projects and their VMs, what goes into guests, captures. */
import { openCapture, type Capture } from '../workbench/capture';
import { openGuest, type Guest } from '../workbench/guest/guest';
import { openWorkbench, type Workbench } from '../workbench/workbench';
import type { Ground } from './ground';
import type { Places } from './places';

export interface Workshop {
  workbench: Workbench;
  capture: Capture;
  guest: Guest;
}

/**
 * Opens the workshop.
 *
 * @param ground what rooms stand on
 * @param places where its VMs run and its images are kept
 */
export function openWorkshop(
  { access, ports }: Ground,
  { images, sites: { registry: sites } }: Places,
): Workshop {
  const workbench = openWorkbench({
    ...ports,
    sites,
    mayUseImage: (actor, imageId) => images.mayUse(actor, imageId),
    users: {
      nameOf: (userId) => access.users.get(userId)?.name,
      find: (nameOrEmail) =>
        access.users
          .list()
          .find(
            ({ name, email, disabled }) =>
              !disabled && (name === nameOrEmail || email === nameOrEmail.toLowerCase()),
          ),
    },
  });
  const capture = openCapture({
    ...ports,
    sites,
    images,
    requireVm: (actor, vmId) => workbench.requireVm(actor, vmId),
    vmById: (vmId) => workbench.vmById(vmId),
    hold: (vmId, jobId) => workbench.vms.hold(vmId, jobId),
    release: (vmId) => workbench.vms.release(vmId),
    guestAccess: (vmId) => workbench.guestAccess(vmId),
  });
  const guest = openGuest({
    ...ports,
    sites,
    vmFor: (actor, vmId) => workbench.requireVm(actor, vmId),
    vmById: (vmId) => workbench.vmById(vmId),
    requireProject: (actor, projectId) => {
      workbench.requireProject(actor, projectId);
    },
    guestAccess: (vmId) => workbench.guestAccess(vmId),
  });
  workbench.onVmCreated((vm, actorId) => {
    guest.tools.installChosen(vm.id, vm.toolIds, actorId);
  });
  workbench.onVmDeleted((vmId) => {
    guest.forget(vmId);
  });
  return { workbench, capture, guest };
}
