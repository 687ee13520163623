import { and, eq } from 'drizzle-orm';
import { authorize, type Actor, type Authorized } from '../access/actor';
import { Problem } from '../problem';
import { forgetVmsAt } from './forget-site';
import type { GuestAccess } from './guest/ssh';
import { projectKeyName } from './keys';
import type { Belonging, Project, ProjectFacts, Vm } from './model';
import type { BelongingsKeeper, WorkbenchPorts } from './ports';
import { defineRemoval } from './project-removal-job';
import { openProjectRows, toProject } from './project-rows';
import { openProjects, type Projects } from './projects';
import type { IconType } from './schemas';
import { vms } from './tables';
import { defineCreate, findAtSite, type VmJobParts } from './vm-create-job';
import { defineDelete } from './vm-delete-job';
import { definePower } from './vm-power-jobs';
import { openVmRows, toVm } from './vm-rows';
import { openVmSync } from './vm-sync';
import { openVms, type RequireVm, type Vms } from './vms';

/** Projects and their VMs: where an app is built. */
export interface Workbench {
  projects: Projects;
  vms: Vms;
  /** Whether the actor may work in the project: its owner, its members, administrators. */
  canSee(actor: Actor, projectId: string): boolean;
  /** Undefined when there is no such project. */
  kindOf(projectId: string): Project['kind'] | undefined;
  projectIdsOf(actor: Actor): string[] | 'all';
  /** @throws Problem `not_found` both for no such project and for somebody else's */
  requireProject(actor: Actor, projectId: string): Authorized<Project>;
  /** @throws Problem `not_found` both for no such VM and for somebody else's */
  requireVm: RequireVm;
  /** The VM for work that the server does by itself; undefined when it is gone. */
  vmById(vmId: string): Vm | undefined;
  /** @throws Problem `not_found` */
  packageFacts(actor: Actor, projectId: string): ProjectFacts;
  /** The VMs whose disks are made from an image: it cannot go while they are there. */
  vmsFrom(imageId: string): Vm[];
  /** The VMs on a site, whatever their state. */
  vmsAt(siteId: string): Vm[];
  /** Drops the VMs of a site that is gone for good, without asking it; tells which. */
  forgetAt(siteId: string): { id: string; name: string }[];
  /** How the guest is reached by SSH with the project's key. @throws Problem `conflict`, `unavailable` */
  guestAccess(vmId: string): Promise<GuestAccess>;
  /** Called once a VM was made and started, with the tools chosen for it; again when a crash came in between. */
  onVmCreated(listener: (vm: Vm, actorId: string | undefined) => void): void;
  /** Called after a VM is gone, so that other rooms forget what they kept for it. */
  onVmDeleted(listener: (vmId: string) => void): void;
  /** Makes another room's things part of a project's deletion. */
  keepWith(keeper: BelongingsKeeper): void;
  /** Takes over the VMs the sites know, and follows their changes. */
  open(): Promise<void>;
  close(): void;
}

/** Opens the workbench. Its jobs are defined at once; sites are followed from `open()` on. */
export function openWorkbench(ports: WorkbenchPorts): Workbench {
  const { db } = ports;
  const projectRows = openProjectRows(ports);
  const vmRows = openVmRows(ports);
  const onCreated: ((vm: Vm, actorId: string | undefined) => void)[] = [];
  const onDeleted: ((vmId: string) => void)[] = [];
  const keepers: BelongingsKeeper[] = [];
  const parts: VmJobParts = {
    ports,
    vmRows,
    projectRows,
    created: (vm, actorId) => {
      for (const listener of onCreated) listener(vm, actorId);
    },
    deleted: (vmId) => {
      for (const listener of onDeleted) listener(vmId);
    },
  };

  const sync = openVmSync(parts);
  const kinds = { create: defineCreate(parts), remove: defineDelete(parts), power: definePower(parts) };
  const { require, ...vmsFace } = openVms(parts, kinds, sync);

  const rowsOf = (projectId: string) =>
    db.select().from(vms).where(eq(vms.projectId, projectId)).orderBy(vms.createdAt).all();

  const belongings = (projectId: string): Belonging[] => [
    ...rowsOf(projectId).map(({ id, name }) => ({ type: 'vm' as const, id, name, size: undefined })),
    ...keepers.flatMap((keeper) => keeper.list(projectId)),
  ];

  return {
    vms: vmsFace,
    projects: openProjects(ports, { rows: projectRows, removal: defineRemoval(parts, keepers), belongings }),
    canSee: (actor, projectId) => {
      const row = projectRows.find(projectId);
      return row !== undefined && projectRows.roleIn(actor, row) !== undefined;
    },
    kindOf: (projectId) => projectRows.find(projectId)?.kind,
    projectIdsOf: projectRows.idsOf,
    requireProject: (actor, projectId) =>
      authorize(toProject(projectRows.require(actor, projectId)), () => true, 'workbench.errors.noProject'),
    requireVm: require,
    vmById: (vmId) => {
      const row = vmRows.find(vmId);
      return row && toVm(row);
    },
    packageFacts: (actor, projectId) => {
      const row = projectRows.require(actor, projectId);
      const { icon, iconType } = row;
      return {
        project: toProject(row),
        icon:
          icon === null || iconType === null
            ? undefined
            : { type: iconType as IconType, data: Buffer.from(icon, 'base64') },
        vms: rowsOf(row.id).map(toVm),
      };
    },
    vmsFrom: (imageId) => db.select().from(vms).where(eq(vms.imageId, imageId)).all().map(toVm),
    vmsAt: (siteId) => db.select().from(vms).where(eq(vms.siteId, siteId)).all().map(toVm),
    forgetAt: (siteId) => forgetVmsAt(parts, siteId),
    guestAccess: (vmId) => guestAccess(parts, vmId),
    onVmCreated: (listener) => void onCreated.push(listener),
    onVmDeleted: (listener) => void onDeleted.push(listener),
    keepWith: (keeper) => void keepers.push(keeper),
    open: () => sync.open(),
    close: () => sync.close(),
  };
}

async function guestAccess({ ports, vmRows }: VmJobParts, vmId: string): Promise<GuestAccess> {
  const row = vmRows.find(vmId);
  if (!row) throw new Problem('not_found', 'workbench.errors.noVm');
  if (row.login === null) throw new Problem('conflict', 'workbench.errors.noLogin', { image: row.imageName });
  const privateKey = ports.secrets.read(projectKeyName(row.projectId));
  if (privateKey === undefined) throw new Problem('failed', 'workbench.errors.noProjectKey');
  const seen = await findAtSite(ports.sites.get(row.siteId), row);
  if (!seen?.ssh) throw new Problem('unavailable', 'workbench.errors.noSshWay', { network: row.networkName });
  return {
    ...seen.ssh,
    username: row.login,
    privateKey,
    knownHostKey: row.hostKey ?? undefined,
    pin: (key) => {
      // Only the very VM that showed the key gets it: the row may have been made anew meanwhile.
      const made = row.siteRef === null ? undefined : eq(vms.siteRef, row.siteRef);
      ports.db
        .update(vms)
        .set({ hostKey: key })
        .where(and(eq(vms.id, vmId), made))
        .run();
    },
  };
}
