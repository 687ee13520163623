/** Deployments of containers: one workload at the site, which a new revision changes in place. */
import { Problem } from '../../problem';
import { withImages } from '../../sites/pod-templates';
import type { Workloads, WorkloadStatus } from '../../sites/workloads';
import type { DeploymentRow } from './deployment-rows';
import type { DeploymentPorts } from './ports';
import { imageMeant } from './release-images';
import { contentOf, holderOf } from './revisions';
import type { KeptRevision } from './tables';

/** What a look at a workload changes in its row; undefined: nothing of it is there. */
export function seenWorkload(
  status: WorkloadStatus | undefined,
): Pick<DeploymentRow, 'state' | 'reason' | 'parts' | 'endpoints'> {
  if (!status) return { state: 'gone', reason: '', parts: [], endpoints: [] };
  const broken = status.parts.find(({ state }) => state === 'failed');
  return {
    state: status.ready ? 'ready' : 'notReady',
    reason: [broken?.reason, broken?.detail].filter(Boolean).join(': '),
    parts: status.parts,
    endpoints: status.endpoints,
  };
}

/**
 * Brings the workload to a revision, and waits until it is up.
 *
 * @param jobId marks what is made; what carries another mark goes
 * @param named hears which digest an image of the text stands for
 * @throws Problem as `Workloads.deploy` and `Distributions.imagesFor`; `conflict` for an image the release has not
 */
export async function sendWorkload(
  { sites, secrets, distributions }: DeploymentPorts,
  row: Pick<DeploymentRow, 'id' | 'siteId' | 'name'>,
  revision: Pick<KeptRevision, 'number' | 'releaseId'>,
  jobId: string,
  call: Parameters<Workloads['deploy']>[1] & { signal: AbortSignal },
  named: (image: string, reference: string) => void = () => undefined,
): Promise<WorkloadStatus> {
  const site = await sites.workloadOpened(row.siteId, call.signal);
  const { objects } = contentOf(secrets, row.id, revision.number);
  const { images, pull } = await distributions().imagesFor(
    revision.releaseId,
    row.siteId,
    holderOf(row.id, revision.number),
  );
  const held = images.map((image) => ({ ...image, digest: image.reference.split('@')[1] ?? '' }));
  const referenceOf = (text: string) => {
    const { reference } = imageMeant(held, text) ?? notThere(text);
    named(text, reference);
    return reference;
  };
  return await site.workloads.deploy(
    {
      workloadId: row.id,
      jobId,
      name: row.name,
      objects: withImages(objects, referenceOf),
      pull,
    },
    call,
  );
}

function notThere(image: string): never {
  throw new Problem('conflict', 'deployments.reasons.imageNotThere', { image });
}

/** Removes everything of the workload from its site, and takes the pull logins back. */
export async function takeWorkloadAway(
  ports: DeploymentPorts,
  row: Pick<DeploymentRow, 'id' | 'siteId' | 'revisions'>,
  signal: AbortSignal,
): Promise<void> {
  const site = await ports.sites.workloadOpened(row.siteId, signal);
  await site.workloads.remove(row.id, { signal });
  revokePulls(ports, row.id, row.revisions);
}

/** Takes the pull logins of revisions back. */
export function revokePulls(
  { registries }: Pick<DeploymentPorts, 'registries'>,
  id: string,
  revisions: readonly Pick<KeptRevision, 'number'>[],
): void {
  for (const { number } of revisions) registries.revokePull(holderOf(id, number));
}
