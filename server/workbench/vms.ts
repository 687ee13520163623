import { desc, eq } from 'drizzle-orm';
import { authorize, requireUser, type Actor, type Authorized } from '../access/actor';
import type { Job, JobKind } from '../jobs/job';
import { Problem } from '../problem';
import type { ReachMend } from '../sites/reaching';
import type { Vm, VmAndJob, VmEvent, VmPlan, VmView } from './model';
import type { ActVmInput, CreateVmInput, PlanVmInput } from './schemas';
import { vmEvents, vms } from './tables';
import { createVm } from './vm-create';
import type { VmJobInput, VmJobParts } from './vm-create-job';
import { requireGate } from './vm-gates';
import { planVm } from './vm-plan';
import { openPower } from './vm-power';
import type { LongAction, PowerInput } from './vm-power-jobs';
import { examineReach, mendReach, type VmReach } from './vm-reach';
import { toVm, type VmRow } from './vm-rows';
import { openScreens, type Picture } from './vm-screens';
import type { VmSync } from './vm-sync';
import { vmView } from './vm-views';

/** What can be done with VMs. Every function throws Problem `not_found` for a VM that is not in the actor's projects. */
export interface Vms {
  list(actor: Actor, projectId: string): VmView[];
  get(actor: Actor, vmId: string): VmView;
  /** The timeline, oldest first; of a long life the newest 500. */
  events(actor: Actor, vmId: string): VmEvent[];
  /** Whether the choices fit the site, and because of what not. */
  plan(actor: Actor, projectId: string, input: PlanVmInput, signal?: AbortSignal): Promise<VmPlan>;
  /**
   * Stores the VM and starts the job that makes it.
   * @param requestKey the sender's key: the same key again gives the VM it made before
   * @throws Problem `conflict` for a name that is taken or a VM that does not fit, `invalid`
   */
  create(actor: Actor, projectId: string, input: CreateVmInput, requestKey?: string): Promise<VmAndJob>;
  /** Power actions. Long ones come with a job, quick ones are done on return. @throws Problem `conflict` by the gates */
  act(actor: Actor, vmId: string, input: ActVmInput): Promise<VmAndJob>;
  /** Deletes the VM and its disk, as a job. @throws Problem `conflict` by the gates */
  remove(actor: Actor, vmId: string): Job;
  /** A PNG of the screen, at most 4 seconds old. @throws Problem `conflict`, `unavailable` */
  screen(actor: Actor, vmId: string): Promise<Picture>;
  /** The console log from a byte offset on. @throws Problem `conflict`, `unavailable` */
  serial(actor: Actor, vmId: string, from: number): Promise<{ text: string; next: number }>;
  /** Looks at the way to the VM's SSH port, hop by hop. @throws Problem `conflict` where the site cannot look */
  reach(actor: Actor, vmId: string, signal?: AbortSignal): Promise<VmReach>;
  /** Applies a fix that `reach` offered, and looks again. @throws Problem `conflict`, `forbidden`, `failed` */
  mend(actor: Actor, vmId: string, kind: ReachMend['kind'], signal?: AbortSignal): Promise<VmReach>;
  /** Marks a VM as being captured, so that nothing else touches it. @throws Problem `conflict` by the gates */
  hold(vmId: string, jobId: string): Vm;
  /** Ends a hold: the VM goes back to the state its site reports. One that is not held is fine. */
  release(vmId: string): Promise<void>;
}

interface Kinds {
  create: JobKind<VmJobInput>;
  remove: JobKind<VmJobInput>;
  power: Record<LongAction, JobKind<PowerInput>>;
}

/** VMs: see the interface. */
export function openVms(parts: VmJobParts, kinds: Kinds, sync: VmSync): Vms & { require: RequireVm } {
  const { ports, vmRows, projectRows } = parts;
  const { db, sites } = ports;
  const screens = openScreens(ports);
  const power = openPower(parts, kinds.power, sync);
  const view = (row: VmRow) => vmView(ports, projectRows, row, vmRows.seen(row.id));

  const requireRow = (actor: Actor, vmId: string): Authorized<VmRow> =>
    authorize(
      vmRows.find(vmId),
      (row) => {
        const project = projectRows.find(row.projectId);
        return project !== undefined && projectRows.roleIn(actor, project) !== undefined;
      },
      'workbench.errors.noVm',
    );

  return {
    reach: (actor, vmId, signal) => examineReach(ports, toVm(requireRow(actor, vmId)), signal),
    mend: (actor, vmId, kind, signal) => mendReach(parts, actor, toVm(requireRow(actor, vmId)), kind, signal),
    require: (actor, vmId) => authorize(toVm(requireRow(actor, vmId)), () => true, 'workbench.errors.noVm'),

    list(actor, projectId) {
      const project = projectRows.require(actor, projectId);
      return db
        .select()
        .from(vms)
        .where(eq(vms.projectId, project.id))
        .orderBy(vms.createdAt)
        .all()
        .map(view);
    },

    get: (actor, vmId) => view(requireRow(actor, vmId)),

    events(actor, vmId) {
      const row = requireRow(actor, vmId);
      const newest = db
        .select()
        .from(vmEvents)
        .where(eq(vmEvents.vmId, row.id))
        .orderBy(desc(vmEvents.id))
        .limit(500)
        .all();
      return newest.toReversed().map(({ id, at, kind, value, detail, actorId }) => ({
        id,
        at,
        kind,
        value,
        detail: detail ?? undefined,
        actorName: actorId === null ? undefined : (ports.users.nameOf(actorId) ?? actorId),
      }));
    },

    plan: (actor, projectId, input, signal) =>
      planVm(ports, actor, projectRows.require(actor, projectId).id, input, signal),

    async create(actor, projectId, input, requestKey) {
      const project = projectRows.require(actor, projectId);
      const made = await createVm(parts, kinds.create, {
        actor: requireUser(actor),
        project,
        input,
        requestKey,
      });
      ports.audit({
        actor,
        action: 'vm.create',
        subject: { type: 'vm', id: made.row.id },
        detail: { name: made.row.name, project: project.name, site: input.siteId },
      });
      const { id } = made.row;
      ports.events.publish({ topic: 'vm', id, audience: { projectId } });
      ports.events.publish({ topic: 'project', id: projectId, audience: { projectId } });
      return { vm: view(vmRows.find(id) ?? made.row), job: made.job };
    },

    async act(actor, vmId, input) {
      const row = requireRow(actor, vmId);
      const job = await power(actor, row, input);
      return { vm: view(requireRow(actor, vmId)), job };
    },

    remove(actor, vmId) {
      const row = requireRow(actor, vmId);
      requireGate('delete', row);
      // Said at once, and not by a job that fails: a site that is away.
      sites.get(row.siteId);
      const job = db.transaction(() => {
        const started = kinds.remove.start({
          input: { vmId },
          subject: { type: 'vm', id: vmId },
          projectId: row.projectId,
          actorId: actor.userId,
        });
        vmRows.enter(vmId, 'deleting', { jobId: started.id });
        return started;
      });
      screens.forget(vmId);
      ports.audit({
        actor,
        action: 'vm.delete',
        subject: { type: 'vm', id: vmId },
        detail: { name: row.name },
      });
      return job;
    },

    screen: async (actor, vmId) => screens.screen(requireRow(actor, vmId)),

    async serial(actor, vmId, from) {
      const row = requireRow(actor, vmId);
      const { serial } = sites.get(row.siteId);
      if (!serial) throw new Problem('unavailable', 'sites.missing.serial');
      if (row.siteRef === null)
        throw new Problem('conflict', 'workbench.errors.neverMade', { name: row.name });
      return serial.serialLog(row.siteRef, from);
    },

    hold(vmId, jobId) {
      const row = vmRows.find(vmId);
      if (!row) throw new Problem('not_found', 'workbench.errors.noVm');
      if (row.state === 'capturing' && row.jobId === jobId) return toVm(row); // the same job, resumed
      requireGate('capture', row);
      return toVm(vmRows.enter(vmId, 'capturing', { jobId, reason: row.reason }) ?? row);
    },

    async release(vmId) {
      const row = vmRows.find(vmId);
      if (row?.state !== 'capturing') return;
      vmRows.write(vmId, { jobId: null });
      await sync.refresh(vmId, true);
    },
  };
}

export type RequireVm = (actor: Actor, vmId: string) => Authorized<Vm>;
