import type PQueue from 'p-queue';
import { z } from 'zod';
import { system } from '../access/actor';
import type { JobContext, JobKind, Jobs, StepContext } from '../jobs/job';
import type { PackageImages } from '../packages/order';
import type { Packages, PublishablePackage } from '../packages/packages';
import type { BootProof } from '../packages/schemas';
import type { ContentFiles } from './content-files';
import { publishInput, type ImageLocation, type PublishResult } from './schemas';
import type { ReleaseImages } from './release-images';
import type { Shelves } from './shelves';

const jobInput = z.object({
  packageId: z.string(),
  publisher: z.object({ id: z.string(), name: z.string() }),
  input: publishInput,
});
export type PublishJobInput = z.output<typeof jobInput>;

const freeInput = z.object({ digest: z.string() });
export type FreeJobInput = z.output<typeof freeInput>;

export interface PublishParts {
  jobs: Jobs;
  packages: Pick<Packages, 'publishable'>;
  images: Pick<PackageImages, 'proofs' | 'screenshot'>;
  files: ContentFiles;
  releaseImages: ReleaseImages;
  shelves: Shelves;
  /** Keeps freeing and publishing apart: one must not take away what the other has just brought. */
  turns: PQueue;
  /** Called after the shelf has changed. */
  published(result: PublishResult): void;
}

/**
 * Defines `package.publish`: the store takes its own copy of the bytes, keeps what was seen of the images, and puts
 * the release on the shelf in one transaction. One at a time, so that two of the same do the work once.
 */
export function definePublish(parts: PublishParts): JobKind<PublishJobInput> {
  return parts.jobs.define<PublishJobInput, PublishResult>({
    kind: 'package.publish',
    steps: ['content', 'images', 'observe', 'shelve'],
    input: jobInput,
    concurrency: 1,
    cancellable: true,
    run: (job) => inTurn(parts, () => publish(parts, job)),
    undo: (job) => inTurn(parts, () => undo(parts, job)),
  });
}

/**
 * Defines `release.free`: what only releases have that are no longer on the shelf goes, package and images.
 *
 * Started after every unpublish. It looks at all of them, so that what an earlier one left goes, too.
 */
export function defineFree(parts: PublishParts): JobKind<FreeJobInput> {
  return parts.jobs.define<FreeJobInput, void>({
    kind: 'release.free',
    steps: ['content', 'images'],
    input: freeInput,
    concurrency: 1,
    cancellable: true,
    run: (job) =>
      inTurn(parts, async () => {
        await job.step('content', async () => {
          const { digest } = job.input;
          if (!parts.shelves.usesDigest(digest)) await parts.files.drop(digest);
        });
        await job.step('images', () => parts.releaseImages.freeUnused());
      }),
  });
}

function inTurn<T>({ turns }: PublishParts, work: () => Promise<T>): Promise<T> {
  return turns.add(work);
}

async function publish(parts: PublishParts, job: JobContext<PublishJobInput>): Promise<PublishResult> {
  // The right was checked when the job was asked for.
  const source = await parts.packages.publishable(system, job.input.packageId);
  await job.step('content', (step) => takeContent(parts, source, step));
  const locations = await job.step('images', (step) => takeImages(parts, job.input, source, step));
  const proofs = await job.step('observe', () => observe(parts, source));
  const result = await job.step('shelve', () => {
    const { publisher, input } = job.input;
    return parts.shelves.put({ source, input, publisher, proofs, locations });
  });
  parts.published(result);
  return result;
}

async function takeContent(
  parts: PublishParts,
  source: PublishablePackage,
  step: StepContext,
): Promise<void> {
  const { digest, size } = source.summary;
  if (await parts.files.has(digest)) {
    step.log(`${digest} is in the store already`);
    return;
  }
  await parts.files.take(source.path, digest, step.signal, (done) => {
    step.progress({ done, total: size, unit: 'bytes' });
  });
}

async function takeImages(
  parts: PublishParts,
  { publisher }: PublishJobInput,
  { summary }: PublishablePackage,
  step: StepContext,
): Promise<ImageLocation[]> {
  return await parts.releaseImages.take(summary, summary.images, {
    publisherId: publisher.id,
    signal: step.signal,
    log: (line) => {
      step.log(line);
    },
    progress: (done, total) => {
      step.progress({ done, total, unit: 'bytes' });
    },
  });
}

/** The newest boot of each image, with its picture. */
async function observe(parts: PublishParts, source: PublishablePackage): Promise<BootProof[]> {
  const kept: BootProof[] = [];
  for (const { digest } of source.summary.images) {
    const proof = digest === null ? undefined : parts.images.proofs(digest)[0];
    if (proof === undefined || kept.some(({ id }) => id === proof.id)) continue;
    const picture = proof.hasScreenshot ? parts.images.screenshot(proof.id) : undefined;
    const taken = picture !== undefined && (await parts.files.takePicture(picture, proof.id));
    kept.push({ ...proof, hasScreenshot: taken });
  }
  return kept;
}

/** What was copied for a release that did not come to be goes again. */
async function undo(parts: PublishParts, job: JobContext<PublishJobInput>): Promise<void> {
  try {
    const source = await parts.packages.publishable(system, job.input.packageId);
    const { digest } = source.summary;
    if (!parts.shelves.usesDigest(digest)) await parts.files.drop(digest);
  } catch {
    // The package itself is gone: what may be left of its content is swept at the next start.
    job.log('The package is gone; its content is swept at the next start.');
  }
  // Last, since it needs the registry, which may be why the publish failed.
  await parts.releaseImages.freeUnused();
}
