import type { Actor, Authorized } from '../access/actor';
import type { GuestAccess } from './guest/ssh';
import type { Project, ProjectFacts, Vm } from './model';
import type { BelongingsKeeper, WorkbenchPorts } from './ports';
import type { Projects } from './projects';
import type { Vms } from './vms';

/** Projects and their VMs: where an app is built. */
export interface Workbench {
  projects: Projects;
  vms: Vms;
  /** Whether the actor may work in the project: its owner, its members, administrators. */
  canSee(actor: Actor, projectId: string): boolean;
  projectIdsOf(actor: Actor): string[] | 'all';
  /** @throws Problem `not_found` both for no such project and for somebody else's */
  requireProject(actor: Actor, projectId: string): Authorized<Project>;
  /** @throws Problem `not_found` both for no such VM and for somebody else's */
  requireVm(actor: Actor, vmId: string): Authorized<Vm>;
  /** The VM for work that the server does by itself; undefined when it is gone. */
  vmById(vmId: string): Vm | undefined;
  /** @throws Problem `not_found` */
  packageFacts(actor: Actor, projectId: string): ProjectFacts;
  /** How the guest is reached by SSH with the project's key. @throws Problem `conflict`, `unavailable` */
  guestAccess(vmId: string): Promise<GuestAccess>;
  /** Called once a VM was made and started, with the tools chosen for it. */
  onVmCreated(listener: (vm: Vm, actorId: string | undefined) => void): void;
  /** Called after a VM is gone, so that other rooms forget what they kept for it. */
  onVmDeleted(listener: (vmId: string) => void): void;
  /** Makes another room's things part of a project's deletion. */
  keepWith(keeper: BelongingsKeeper): void;
  /** Takes over the VMs the sites know, and follows their changes. */
  open(): Promise<void>;
  close(): void;
}
