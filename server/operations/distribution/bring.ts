/** What brings the artifacts of a release to an edge; each says what it moved. */
import { Problem } from '../../problem';
import { asking } from '../../registries/registry-problem';
import type { StepContext } from '../../jobs/job';
import type { PullAccess } from '../../sites/workloads';
import type { EdgeRegistry } from '../edges/edges';
import type { EdgeView } from '../edges/schemas';
import { sourceOf } from './disks';
import { addressOf } from './inventory';
import type { DistributionPorts } from './ports';
import { holderOf } from './pull-logins';
import type { Placement } from './schemas';
import type { WantedImage } from './wanted';

/** What was sent, in bytes. */
export interface Moved {
  bytesMoved: number;
  bytesKept: number;
}

/** What bringing needs to know. */
export interface Bringing {
  ports: DistributionPorts;
  edge: EdgeView;
  images: readonly WantedImage[];
  jobId: string;
  step: StepContext;
  /** Bytes done of all. */
  progress: (done: number, total: number) => void;
}

/**
 * Fills an edge's own registry from that of operations: what is there is not sent.
 *
 * @throws Problem of the registry that did not do its part
 */
export async function fillRegistry(
  { ports, edge, images, step, progress }: Bringing,
  target: EdgeRegistry,
): Promise<Moved> {
  const home = await ports.registries.of('operations');
  const moved = { bytesMoved: 0, bytesKept: 0 };
  const parts = images.map(() => ({ done: 0, total: 0 }));
  for (const [index, image] of images.entries()) {
    const report = await asking(addressOf(edge), () =>
      ports.copyArtifact(
        {
          registry: home.registry,
          repository: home.repository(image.repository),
          reference: image.digest,
        },
        {
          registry: target.registry,
          repository: target.repository(image.repository),
          reference: tagOf(image),
        },
        {
          signal: step.signal,
          progress: (done, total) => {
            parts[index] = { done, total };
            progress(...sumOf(parts));
          },
        },
      ),
    );
    moved.bytesMoved += report.bytesSent;
    moved.bytesKept += (report.bytes ?? report.bytesSent) - report.bytesSent;
    step.log({
      key: `distribution.log.${report.outcome}`,
      params: {
        image: image.name,
        digest: report.digest,
        registry: addressOf(edge),
        sent: report.bytesSent,
        kept: (report.bytes ?? report.bytesSent) - report.bytesSent,
        ms: report.tookMs,
      },
    });
  }
  return moved;
}

function sumOf(parts: readonly { done: number; total: number }[]): [number, number] {
  return [parts.reduce((sum, { done }) => sum + done, 0), parts.reduce((sum, { total }) => sum + total, 0)];
}

/** Says what it is, and never stands for anything else: two releases may both be called `latest`. */
export function tagOf({ tag, digest }: Pick<WantedImage, 'tag' | 'digest'>): string {
  return `${tag.slice(0, 100)}-${digest.slice('sha256:'.length).slice(0, 12)}`;
}

/**
 * Has the machines of an edge fetch images, which proves each by its digest.
 *
 * @param from where they fetch from: `address/repository` of each image
 * @param expected bytes that are likely to move, which the site does not count itself
 */
export async function pullImages(
  { ports, edge, images, step, progress }: Bringing,
  from: { pull: PullAccess; repository: (path: string) => string },
  expected: number,
): Promise<void> {
  const site = await ports.sites.workloadOpened(edge.id, step.signal);
  const references = images.map(
    ({ repository, digest }) => `${from.pull.address}/${from.repository(repository)}@${digest}`,
  );
  await site.imageCache.pull(references, from.pull, {
    signal: step.signal,
    report: ({ event, params = {}, detail }) =>
      step.log({ key: `workloads.events.${event}`, params, detail }),
    progress: (done, total) => progress(Math.round((expected * done) / total), expected),
  });
}

/** Has an edge take disk images. @throws Problem `conflict` for a site that keeps none beforehand */
export async function bringDisks({
  ports,
  edge,
  images,
  jobId,
  step,
  progress,
}: Bringing): Promise<Moved & { images: Placement['images'] }> {
  const { diskCache } = await ports.sites.stackHostOpened(edge.id, step.signal);
  if (!diskCache) throw new Problem('conflict', 'distribution.reasons.noDisks', { edge: edge.name });
  const { address } = await ports.registries.of('operations');
  const parts = images.map(() => ({ done: 0, total: 0 }));
  const brought: Moved & { images: Placement['images'] } = { bytesMoved: 0, bytesKept: 0, images: [] };
  for (const [index, image] of images.entries()) {
    const at = { jobId, holder: holderOf(jobId) };
    const { imageId, bytesMoved, bytesKept } = await asking(address, async () =>
      diskCache.bring(await sourceOf(ports, image, at, step.signal), {
        signal: step.signal,
        report: ({ event, params = {}, detail }) =>
          step.log({ key: `sites.events.${event}`, params, detail }),
        progress: (done, total) => {
          parts[index] = { done, total };
          progress(...sumOf(parts));
        },
      }),
    );
    brought.bytesMoved += bytesMoved;
    brought.bytesKept += bytesKept;
    brought.images.push({ name: image.name, digest: image.digest, siteImageId: imageId });
    step.log({
      key: 'distribution.log.diskBrought',
      params: { image: image.name, digest: image.digest, sent: bytesMoved, kept: bytesKept },
    });
  }
  return brought;
}
