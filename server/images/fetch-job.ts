import { join } from 'node:path';
import { z } from 'zod';
import type { JobKind } from '../jobs/job';
import { Problem } from '../problem';
import { download } from './download';
import { orMarkFailed, stepOf, takeIn, takeInSteps, undoTakeIn, type ImageRoom } from './take-in';

const fetchJobInput = z.object({ imageId: z.string() });
export type FetchJobInput = z.infer<typeof fetchJobInput>;

/** Defines the job `image.fetch`: brings an image from an address, whose SHA-256 must be known before. */
export function defineFetch(room: ImageRoom): JobKind<FetchJobInput> {
  const { ports, rows, folders } = room;
  const fileOf = (imageId: string) => join(folders.incoming, `${imageId}.part`);
  return ports.jobs.define<FetchJobInput, { imageId: string }>({
    kind: 'image.fetch',
    steps: ['download', ...takeInSteps],
    input: fetchJobInput,
    concurrency: 3,
    cancellable: true,
    async run(job) {
      const { imageId } = job.input;
      const file = fileOf(imageId);
      await orMarkFailed(room, job, imageId, async () => {
        const row = rows.find(imageId);
        if (row?.source.kind !== 'url') throw new Problem('gone', 'images.errors.imageGone');
        const { url, sha256, format } = row.source;
        if (row.state === 'failed') rows.update(imageId, { state: 'checking', error: null });
        await job.step('download', (step) =>
          download({ url, file, dir: folders.incoming, allowPrivate: ports.allowPrivateUrls }, stepOf(step)),
        );
        await takeIn(room, job, { imageId, file, format, sha256 });
      });
      return { imageId };
    },
    undo: (job) => undoTakeIn(room, job.jobId, job.input.imageId, fileOf(job.input.imageId)),
  });
}
