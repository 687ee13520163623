/** What releases would become at edges. */
import { Problem } from '../../problem';
import { freeOf } from '../../sites/flavors';
import { imagesNamed, requestsOf } from '../../sites/pod-templates';
import type { StackHost, WorkloadSite } from '../../sites/site';
import type { AppTopology } from '../../sites/stacks';
import { pullSecretName, type KubeObject } from '../../sites/workloads';
import type { Placement } from '../distribution/schemas';
import type { SyncedRelease } from '../sync/schemas';
import type { DeploymentPorts } from './ports';
import { imageMeant } from './release-images';
import { createdBy, createdOf, shownText } from './release-text';
import type { ReleasePlan } from './schemas';
import { stacksOf } from './stack-ground';

/** A release read once, to be planned at many edges. */
export type ReadRelease = { release: SyncedRelease } & (
  { runs: 'stack'; topology: AppTopology } | { runs: 'workload'; objects: KubeObject[]; defaults: string }
);

/** What is to be made at an edge. */
export interface PreparedRelease {
  plan: ReleasePlan;
  template: string;
  /** Of VMs: the edge's own image ids by the package's image names; of containers their digests. */
  images: Record<string, string>;
  objects: KubeObject[];
}

type Ports = Pick<DeploymentPorts, 'sites' | 'edges' | 'sync' | 'distributions'>;
type Quota = ReleasePlan['quota'];

/**
 * Reads what a release is deployed by.
 *
 * @param name of the deployment, which a chart may put into its objects
 * @param values YAML over a chart's defaults
 * @throws Problem as `Sync.topology` and `Sync.text`; `invalid` for values where there is no chart
 */
export async function readRelease(
  { sync }: Pick<Ports, 'sync'>,
  releaseId: string,
  name: string,
  values: string,
  signal: AbortSignal,
): Promise<ReadRelease> {
  const release = sync().release(releaseId);
  if (release.kind === 'vm') {
    if (values.trim() !== '') throw new Problem('invalid', 'deployments.errors.noChart');
    return { release, runs: 'stack', topology: (await sync().topology(releaseId)).topology };
  }
  const text = await sync().text(releaseId);
  if (values.trim() !== '' && text.kind !== 'chart') {
    throw new Problem('invalid', 'deployments.errors.noChart');
  }
  const objects = await text.objects(name, values, signal);
  return { release, runs: 'workload', objects, defaults: text.values };
}

/**
 * Plans a release at an edge. Changes nothing.
 *
 * @param replaced objects that go when these come: what they ask for is free then
 * @throws Problem `not_found`; `conflict` when the release is not at the edge, or the edge runs nothing of its kind;
 *   what the edge throws
 */
export async function planAt(
  ports: Ports,
  read: ReadRelease,
  edgeId: string,
  signal: AbortSignal | undefined,
  replaced: readonly KubeObject[] = [],
): Promise<PreparedRelease> {
  const placement = placementAt(ports, read.release, edgeId);
  return read.runs === 'stack'
    ? await planStack(ports, read.topology, placement, edgeId, signal)
    : await planWorkload(ports, read, placement, replaced, signal);
}

/** The proof that a release is at an edge. @throws Problem `not_found`, `conflict` when it is not */
export function placementAt(
  { edges, distributions }: Pick<Ports, 'edges' | 'distributions'>,
  { id, name, version }: Pick<SyncedRelease, 'id' | 'name' | 'version'>,
  edgeId: string,
): Placement {
  const edge = edges().get(edgeId);
  const [placement] = distributions().placements({ edgeId, releaseId: id });
  if (placement) return placement;
  const params = { release: `${name} ${version}`, edge: edge.name };
  throw new Problem('conflict', 'deployments.errors.notPlaced', params);
}

/** The edge's own ids of a placement's disk images, by name. */
export function siteImagesOf({ images }: Placement): Record<string, string> {
  return Object.fromEntries(
    images.flatMap(({ name, siteImageId }) => (siteImageId === null ? [] : [[name, siteImageId]])),
  );
}

async function planStack(
  ports: Ports,
  topology: AppTopology,
  placement: Placement,
  edgeId: string,
  signal: AbortSignal | undefined,
): Promise<PreparedRelease> {
  const images = siteImagesOf(placement);
  const plan = await stacksOf(ports, edgeId).plan(topology, new Map(Object.entries(images)), { signal });
  const secrets = plan.parameters.filter(({ secret }) => secret).map(({ name }) => name);
  const quota = await stackQuota(ports.sites.stackHost(edgeId), topology, signal);
  return {
    plan: { ...plan, runs: 'stack', defaults: '', creates: createdOf(topology), secrets, quota },
    template: plan.template,
    images,
    objects: [],
  };
}

async function stackQuota(
  site: StackHost,
  { vms }: AppTopology,
  signal: AbortSignal | undefined,
): Promise<Quota> {
  const { capacity } = await site.offers({ signal });
  const asks = (of: 'vcpus' | 'memoryMiB' | 'diskGiB') => vms.reduce((all, vm) => all + vm[of], 0);
  const free = (of: keyof typeof capacity) => {
    const left = freeOf(capacity[of]);
    return Number.isFinite(left) ? left : null;
  };
  return [
    { resource: 'cpus', asks: asks('vcpus'), free: free('vcpus') },
    { resource: 'memoryMiB', asks: asks('memoryMiB'), free: free('memoryMiB') },
    { resource: 'diskGiB', asks: asks('diskGiB'), free: free('diskGiB') },
  ];
}

async function planWorkload(
  ports: Ports,
  { release, objects, defaults }: Extract<ReadRelease, { runs: 'workload' }>,
  placement: Placement,
  replaced: readonly KubeObject[],
  signal: AbortSignal | undefined,
): Promise<PreparedRelease> {
  const site = ports.sites.workloadSite(placement.edgeId);
  // A placement tells each digest once; the release may name one image twice.
  const named = release.images.flatMap(({ name, artifact }) =>
    artifact === null ? [] : [{ name, digest: artifact.digest }],
  );
  const held = [...placement.images, ...named];
  const images = Object.fromEntries(held.map(({ name, digest }) => [name, digest]));
  const quota = await workloadQuota(site, objects, replaced, signal);
  const missing = imagesNamed(objects).filter((image) => !imageMeant(held, image));
  const secrets = objects.filter(({ kind }) => kind === 'Secret').map(({ metadata }) => metadata.name);
  // A Docker host is given the login with each pull, and keeps none.
  if (site.kind === 'kubernetes') secrets.push(pullSecretName);
  const plan: ReleasePlan = {
    runs: 'workload',
    template: shownText(objects),
    parameters: [],
    reasons: [
      ...missing.map((image) => ({ key: 'deployments.reasons.imageNotThere', params: { image } })),
      ...quota.flatMap(({ resource, asks, free }) =>
        asks !== null && free !== null && asks > free
          ? [{ key: `deployments.reasons.${resource}Asked`, params: { asked: asks, free } }]
          : [],
      ),
    ],
    defaults,
    creates: createdBy(objects),
    secrets,
    quota,
  };
  return { plan, template: plan.template, images, objects };
}

/** What is free on machines that are ready. */
async function workloadQuota(
  site: WorkloadSite,
  objects: readonly KubeObject[],
  replaced: readonly KubeObject[],
  signal: AbortSignal | undefined,
): Promise<Quota> {
  const asks = requestsOf(objects);
  const freed = requestsOf(replaced);
  const nodes = (await site.capacity({ signal })).nodes.filter(({ ready }) => ready);
  const free = (total: 'cpus' | 'memoryMiB', used: 'usedCpus' | 'usedMemoryMiB') => {
    let left = freed[total];
    for (const node of nodes) {
      const taken = node[used];
      if (taken === undefined) return null;
      left += node[total] - taken;
    }
    return Math.max(0, Math.round(left * 1000) / 1000);
  };
  return [
    { resource: 'cpus', asks: asks.cpus, free: free('cpus', 'usedCpus') },
    { resource: 'memoryMiB', asks: asks.memoryMiB, free: free('memoryMiB', 'usedMemoryMiB') },
  ];
}
