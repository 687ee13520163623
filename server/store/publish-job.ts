import { z } from 'zod';
import { system } from '../access/actor';
import type { JobContext, JobKind, Jobs, StepContext } from '../jobs/job';
import type { PackageImages } from '../packages/order';
import type { Packages, PublishablePackage } from '../packages/packages';
import type { BootProof } from '../packages/schemas';
import type { ContentFiles } from './content-files';
import { publishInput, type PublishResult } from './schemas';
import type { Shelves } from './shelves';

const jobInput = z.object({
  packageId: z.string(),
  publisher: z.object({ id: z.string(), name: z.string() }),
  input: publishInput,
});
export type PublishJobInput = z.output<typeof jobInput>;

interface Parts {
  jobs: Jobs;
  packages: Pick<Packages, 'publishable'>;
  images: Pick<PackageImages, 'proofs' | 'screenshot'>;
  files: ContentFiles;
  shelves: Shelves;
  /** Called after the shelf has changed. */
  published(result: PublishResult): void;
}

/**
 * Defines `package.publish`: the store takes its own copy of the bytes, keeps what was seen of the images, and puts
 * the release on the shelf in one transaction. One at a time, so that two of the same do the work once.
 */
export function definePublish(parts: Parts): JobKind<PublishJobInput> {
  return parts.jobs.define<PublishJobInput, PublishResult>({
    kind: 'package.publish',
    steps: ['content', 'observe', 'shelve'],
    input: jobInput,
    concurrency: 1,
    cancellable: true,
    async run(job) {
      // The right was checked when the job was asked for.
      const source = await parts.packages.publishable(system, job.input.packageId);
      await job.step('content', (step) => takeContent(parts, source, step));
      const proofs = await job.step('observe', () => observe(parts, source));
      const result = await job.step('shelve', () => {
        const { publisher, input } = job.input;
        return parts.shelves.put({ source, input, publisher, proofs });
      });
      parts.published(result);
      return result;
    },
    undo: (job) => undo(parts, job),
  });
}

async function takeContent(parts: Parts, source: PublishablePackage, step: StepContext): Promise<void> {
  const { digest, size } = source.summary;
  if (await parts.files.has(digest)) {
    step.log(`${digest} is in the store already`);
    return;
  }
  await parts.files.take(source.path, digest, step.signal, (done) => {
    step.progress({ done, total: size, unit: 'bytes' });
  });
}

/** The newest boot of each image, with its picture. */
async function observe(parts: Parts, source: PublishablePackage): Promise<BootProof[]> {
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
async function undo(parts: Parts, job: JobContext<PublishJobInput>): Promise<void> {
  try {
    const source = await parts.packages.publishable(system, job.input.packageId);
    const { digest } = source.summary;
    if (!parts.shelves.usesDigest(digest)) await parts.files.drop(digest);
  } catch {
    // The package itself is gone: what may be left of its content is swept at the next start.
    job.log('The package is gone; its content is swept at the next start.');
  }
}
