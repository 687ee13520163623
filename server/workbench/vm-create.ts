import { and, eq } from 'drizzle-orm';
import type { UserActor } from '../access/actor';
import { newId } from '../db/id';
import type { Job, JobKind } from '../jobs/job';
import { Problem } from '../problem';
import { requireFit, requireImageFits, sizeOf } from '../sites/flavors';
import { needsOf, requireQuota } from '../sites/quota';
import { requireCloudFits } from './cloud-fit';
import type { ProjectRow } from './project-rows';
import type { CreateVmInput } from './schemas';
import { vmEvents, vms } from './tables';
import type { VmJobInput, VmJobParts } from './vm-create-job';
import { mayUse, requireFreeName, requireNetworkFits } from './vm-plan';
import type { VmRow } from './vm-rows';

/**
 * Stores a VM and starts the job that makes it, both or neither.
 *
 * @param requestKey the sender's key: the same key again gives the VM it made before, which makes a double click one VM
 * @throws Problem `conflict` for a name that is taken or a VM that does not fit, `invalid` for what the site does not have
 */
export async function createVm(
  { ports, projectRows }: VmJobParts,
  creation: JobKind<VmJobInput>,
  request: { actor: UserActor; project: ProjectRow; input: CreateVmInput; requestKey: string | undefined },
): Promise<{ row: VmRow; job: Job | undefined }> {
  const { actor, project, input, requestKey } = request;
  const { db, jobs, now = Date.now } = ports;

  const repeated = () => {
    if (requestKey === undefined) return undefined;
    const same = and(eq(vms.projectId, project.id), eq(vms.requestKey, requestKey));
    const row = db.select().from(vms).where(same).get();
    return row && { row, job: row.jobId === null ? undefined : jobs.get(row.jobId) };
  };

  if (project.kind !== 'vm') {
    throw new Problem('conflict', 'workbench.errors.containerProject', { name: project.name });
  }
  const before = repeated();
  if (before) return before;
  requireFreeName(ports, project.id, input.name);
  const chosen = await choose(ports, actor, input);

  // Asking the site took time; what was checked before is checked again where nothing can come between.
  return db.transaction((tx) => {
    const meanwhile = repeated();
    if (meanwhile) return meanwhile;
    requireFreeName(ports, project.id, input.name);
    const owner = projectRows.find(project.id);
    if (!owner || isGoing(ports, owner)) {
      throw new Problem('conflict', 'workbench.errors.projectGoing', { name: project.name });
    }
    const at = now();
    const id = newId('vm', at);
    const job = creation.start({
      input: { vmId: id },
      subject: { type: 'vm', id },
      projectId: project.id,
      actorId: actor.userId,
    });
    const row = tx
      .insert(vms)
      .values({
        id,
        projectId: project.id,
        name: input.name,
        siteId: input.siteId,
        state: 'creating',
        flavor: input.flavor,
        ...chosen,
        imageId: input.imageId,
        networkId: input.network.id,
        address: input.network.address ?? null,
        forwards: input.network.forwards,
        cloud: input.cloud ?? null,
        sshKeys: input.sshKeys,
        userData: input.userData?.trim() ? input.userData : null,
        files: input.files?.map((file) => ({ ...file, mode: file.mode ?? '0644' })) ?? null,
        toolIds: input.toolIds,
        boot: [],
        requestKey: requestKey ?? null,
        jobId: job.id,
        createdBy: actor.userId,
        createdAt: at,
        stateSince: at,
      })
      .returning()
      .get();
    tx.insert(vmEvents)
      .values({ vmId: id, at, kind: 'state', value: 'creating', actorId: actor.userId })
      .run();
    return { row, job };
  });
}

/** Looks the choices up at the site. @throws Problem as {@link createVm} */
async function choose(ports: VmJobParts['ports'], actor: UserActor, input: CreateVmInput) {
  const offers = await ports.sites.get(input.siteId).offers({});
  const image = offers.images.find(({ id }) => id === input.imageId);
  if (!image || !mayUse(ports, actor, image)) {
    throw new Problem('invalid', 'workbench.errors.noImage', { image: input.imageId });
  }
  if ((input.files ?? []).length > 0 && !image.cloudInit) {
    throw new Problem('invalid', 'workbench.errors.filesNeedSeed', { image: image.name });
  }
  const size = sizeOf(input.flavor, offers.flavors, offers.customFlavor);
  requireImageFits(size, image);
  requireFit(size, offers.capacity, offers.customFlavor?.maxVcpus);
  requireNetworkFits(input, offers);
  requireCloudFits(input, offers);
  for (const need of needsOf(input.cloud)) requireQuota(offers, need);
  const network = offers.networks.find(({ id }) => id === input.network.id);
  return {
    ...size,
    imageName: image.name,
    login: image.login ?? null,
    networkName: network?.name ?? input.network.id,
  };
}

/** Whether a project is being deleted now. */
function isGoing({ jobs }: VmJobParts['ports'], { removalJobId }: ProjectRow): boolean {
  const job = removalJobId === null ? undefined : jobs.get(removalJobId);
  return job !== undefined && job.endedAt === undefined;
}
