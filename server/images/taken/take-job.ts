import { z } from 'zod';
import { hasRole, type Actor, type UserActor } from '@/server/access/actor';
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
  /** Whether an administrator asked, who may have this server connect to the network it stands in. */
  anywhere: z.boolean(),
});
type TakeJob = z.infer<typeof jobInput>;

/** Disks that another Edgeyard, or a script, has this one take from a registry that it names. */
export interface PullDisks {
  /**
   * Starts it.
   *
   * @param idempotencyKey the same key gives the job that already exists
   * @throws Problem `forbidden` for a registry in a private network that no administrator set or allowed
   */
  pull(actor: UserActor, input: PullDisk, idempotencyKey?: string): Promise<Job>;
  /** Bytes that {@link pull} would fetch now. @throws Problem as it; `not_found`, `invalid`, `registries.errors.*` */
  bytesToPull(actor: Actor, input: PullDisk, signal?: AbortSignal): Promise<number>;
}

/** Defines the job `image.take`. */
export function pullDisks(room: ImageRoom, takes: TakeArtifacts): PullDisks {
  const { ports } = room;
  const at = async <T>(
    input: PullDisk,
    anywhere: boolean,
    work: (place: ArtifactPlace) => Promise<T>,
  ): Promise<T> => {
    const { url, ca, user, password, repository, digest } = input;
    const { host: address } = new URL(url);
    if (!anywhere) await ports.mayReach(address);
    const login = user === undefined || password === undefined ? undefined : { user, password };
    const registry = ports.openRegistry({ url, ca, login }, anywhere);
    try {
      return await work({ registry, address, repository, digest });
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
      const { hasPassword, imageId, anywhere, ...input } = job.input;
      const taken = await job.step('take', (step) => {
        const password = hasPassword ? ports.secrets.read(secretName(job.jobId)) : undefined;
        if (hasPassword && password === undefined) throw new Problem('gone', 'images.taken.passwordGone');
        const facts = { name: input.name, jobId: job.jobId, imageId: imageId ?? undefined };
        return at({ ...input, password }, anywhere, (place) =>
          takes.takeArtifact(place, facts, stepOf(step)),
        );
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
      const anywhere = hasRole(actor, 'admin');
      if (!anywhere) await ports.mayReach(new URL(input.url).host);
      const there = await takes.byArtifact(input.digest);
      const imageId = there === undefined ? newId('img') : null;
      const subject = { type: 'image' as const, id: there ?? imageId ?? '' };
      return ports.db.transaction(() => {
        const job = kind.start({
          input: { ...input, imageId, hasPassword: password !== undefined, anywhere },
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
    bytesToPull: (actor, input, signal) =>
      at(input, hasRole(actor, 'admin'), (place) => takes.bytesToTake(place, signal)),
  };
}

const secretName = (jobId: string) => `images.${jobId}`;
