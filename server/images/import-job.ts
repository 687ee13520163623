import { join } from 'node:path';
import { z } from 'zod';
import type { JobKind } from '../jobs/job';
import { Problem } from '../problem';
import { orMarkFailed, takeIn, takeInSteps, undoTakeIn, type ImageRoom } from './take-in';

const importInput = z.object({ imageId: z.string() });
export type ImportInput = z.infer<typeof importInput>;

/** Defines the job `image.import`: takes a complete upload in. */
export function defineImport(room: ImageRoom): JobKind<ImportInput> {
  const fileOf = (imageId: string) => join(room.folders.incoming, imageId);
  return room.ports.jobs.define<ImportInput, { imageId: string }>({
    kind: 'image.import',
    steps: takeInSteps,
    input: importInput,
    concurrency: 2,
    cancellable: true,
    async run(job) {
      const { imageId } = job.input;
      await orMarkFailed(room, job, imageId, async () => {
        const row = room.rows.find(imageId);
        if (row?.source.kind !== 'upload') throw new Problem('gone', 'images.errors.imageGone');
        // A retried job brings the row back to life.
        if (row.state === 'failed') room.rows.update(imageId, { state: 'checking', error: null });
        await takeIn(room, job, {
          imageId,
          file: fileOf(imageId),
          format: row.source.format,
          sha256: row.expectedSha256 ?? undefined,
        });
      });
      return { imageId };
    },
    undo: (job) => undoTakeIn(room, job.jobId, job.input.imageId, fileOf(job.input.imageId)),
  });
}
