import { z } from 'zod';
import type { UserActor } from '@/server/access/actor';
import { newId } from '@/server/db/id';
import type { Job } from '@/server/jobs/job';
import { Problem } from '@/server/problem';
import { stepOf, type ImageRoom } from '../take-in';
import { pullDiskInput, takenImage, type PullDisk } from '../schemas';
import type { ArtifactPlace, TakeArtifacts, TakenImage } from './take-artifact';

const jobInput = pullDiskInput.omit({ password: true }).extend({
  /** What a new image will be called by; null: one that is here has the disk. */
  imageId: z.string().nullable(),
  /** Whether a password was given; it is sealed under the job's id. */
  hasPassword: z.boolean(),
});
type TakeJob = z.infer<typeof jobInput>;

/** Disks that another Edgeyard, or a script, has this one take from a registry that it names. */
export interface PullDisks {
  /** Starts it. @param idempotencyKey the same key gives the job that already exists */
  pull(actor: UserActor, input: PullDisk, idempotencyKey?: string): Promise<Job>;
  /** Bytes that {@link pull} would fetch now. @throws Problem `not_found`, `invalid`, `registries.errors.*` */
  bytesToPull(input: PullDisk, signal?: AbortSignal): Promise<number>;
}

/** Defines the job `image.take`. */
export function pullDisks(room: ImageRoom, takes: TakeArtifacts): PullDisks {
  const { ports } = room;
  const at = async <T>(input: PullDisk, work: (place: ArtifactPlace) => Promise<T>): Promise<T> => {
    const { url, ca, user, password, repository, digest } = input;
    const login = user === undefined || password === undefined ? undefined : { user, password };
    const registry = ports.openRegistry({ url, ca, login });
    try {
      return await work({ registry, address: new URL(url).host, repository, digest });
    } finally {
      await registry.close();
    }
  };
  const forget = ({ jobId, input }: { jobId: string; input: TakeJob }) => {
    if (input.hasPassword) ports.secrets.remove(secretName(jobId));
  };
  const kind = ports.jobs.define<TakeJob, TakenImage>({
    kind: 'image.take',
    steps: ['take'],
    input: jobInput,
    concurrency: 3,
    cancellable: true,
    retry: 'step',
    async run(job) {
      const { hasPassword, imageId, ...input } = job.input;
      const taken = await job.step('take', (step) => {
        const password = hasPassword ? ports.secrets.read(secretName(job.jobId)) : undefined;
        if (hasPassword && password === undefined) throw new Problem('gone', 'images.taken.passwordGone');
        const facts = { name: input.name, jobId: job.jobId, imageId: imageId ?? undefined };
        return at({ ...input, password }, (place) => takes.takeArtifact(place, facts, stepOf(step)));
      });
      const { bytesMoved, bytesKept } = taken;
      job.log({ key: 'images.taken.done', params: { digest: input.digest, bytesMoved, bytesKept } });
      forget(job);
      return takenImage.parse(taken);
    },
    undo: (job) => {
      forget(job);
      return Promise.resolve();
    },
  });
  return {
    async pull(actor, { password, ...input }, idempotencyKey) {
      const there = await takes.byArtifact(input.digest);
      const imageId = there === undefined ? newId('img') : null;
      const subject = { type: 'image' as const, id: there ?? imageId ?? '' };
      return ports.db.transaction(() => {
        const job = kind.start({
          input: { ...input, imageId, hasPassword: password !== undefined },
          subject,
          actorId: actor.userId,
          idempotencyKey,
        });
        // Asked for twice it is the first one's job, with the first one's password, and over perhaps.
        if (password !== undefined && job.state === 'queued' && !ports.secrets.has(secretName(job.id))) {
          ports.secrets.put(secretName(job.id), password);
        }
        const detail = { name: input.name, url: input.url, digest: input.digest };
        ports.audit({ actor, action: 'images.pull', subject, detail });
        return job;
      });
    },
    bytesToPull: (input, signal) => at(input, (place) => takes.bytesToTake(place, signal)),
  };
}

const secretName = (jobId: string) => `images.${jobId}`;
