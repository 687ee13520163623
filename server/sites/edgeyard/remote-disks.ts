/** Disk images that another Edgeyard keeps: it fetches them itself, out of the registry it is told. */
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { EdgeyardApi } from '../../edgeyards/api';
import { Problem, problemFrom } from '../../problem';
import type { DiskCache, DiskSource } from '../disk-cache';
import type { Call } from '../site';
import { reportSchema } from '../../problem-schema';

/** Milliseconds until the first look at a job over there, and at most between two of them. */
const firstLook = 150;
const slowestLook = 2000;

/** Milliseconds that a job which was told to stop is waited for. */
const stopPatience = 30_000;

/** Digests that the other side takes in one question. */
const digestsAtOnce = 1000;

const job = z.object({
  id: z.string(),
  state: z.string(),
  steps: z.array(
    z.object({
      progress: z
        .object({ done: z.number(), total: z.number(), unit: z.enum(['bytes', 'percent']) })
        .optional(),
    }),
  ),
  error: reportSchema.optional(),
  result: z.unknown().optional(),
});
type Job = z.infer<typeof job>;

const outcome = z.object({ imageId: z.string(), bytesMoved: z.number(), bytesKept: z.number() });

type Bringing = Parameters<DiskCache['bring']>[1];

/** The disk images of another Edgeyard. */
export function remoteDisks(api: EdgeyardApi): DiskCache {
  const held = async (digests: readonly string[], signal: AbortSignal | undefined) => {
    const schema = z.object({ images: z.array(z.object({ digest: z.string(), imageId: z.string() })) });
    const there = new Map<string, string>();
    for (let at = 0; at < digests.length; at += digestsAtOnce) {
      const body = { digests: digests.slice(at, at + digestsAtOnce) };
      const { images } = await api.ask({ method: 'POST', path: '/api/v1/images/held', body, schema, signal });
      for (const { digest, imageId } of images) there.set(digest, imageId);
    }
    return there;
  };

  const pathOf = ({ id }: Job) => `/api/v1/jobs/${encodeURIComponent(id)}`;

  /** Follows the job until it is over. */
  const followed = async (begun: Job, { signal, progress }: Bringing): Promise<Job> => {
    let now = begun;
    let wait = firstLook;
    while (!['done', 'failed', 'cancelled'].includes(now.state)) {
      const moving = now.steps.findLast(({ progress: each }) => each?.unit === 'bytes')?.progress;
      if (moving) progress?.(moving.done, moving.total);
      await pause(wait, undefined, { signal });
      wait = Math.min(slowestLook, wait * 1.5);
      now = await api.ask({ path: pathOf(begun), schema: job, signal });
    }
    return now;
  };

  /** Has a job that nobody waits for any more stop, and waits until what it made is gone. */
  const stopped = async (begun: Job): Promise<void> => {
    try {
      await api.ask({ method: 'POST', path: `${pathOf(begun)}/cancel` });
      await followed(begun, { signal: AbortSignal.timeout(stopPatience) });
    } catch {
      // It is over already, or nobody answers: then its own house keeps it, and clears up after it.
    }
  };

  return {
    held: (digests, { signal }) => held(digests, signal),

    async bring(disk, call) {
      const begun = await api.ask({
        method: 'POST',
        path: '/api/v1/images/pull',
        body: await orderOf(disk),
        schema: job,
        signal: call.signal,
      });
      const { state, error, result } = await followed(begun, call).catch(async (cause: unknown) => {
        if (call.signal?.aborted) await stopped(begun);
        throw cause;
      });
      if (state === 'done') {
        const brought = outcome.parse(result);
        const bytes = brought.bytesMoved + brought.bytesKept;
        call.progress?.(bytes, bytes);
        return brought;
      }
      if (error) throw problemFrom(error);
      throw new Problem('failed', 'edgeyards.errors.cancelledThere', { at: api.at });
    },

    async missing(disk, { signal }: Call) {
      const schema = z.object({ bytes: z.number() });
      const body = await orderOf(disk);
      return (await api.ask({ method: 'POST', path: '/api/v1/images/pull/plan', body, schema, signal }))
        .bytes;
    },

    async drop(digest, { signal }) {
      // What was pulled there, and not what its people have of the same disk.
      const path = `/api/v1/images/held/${encodeURIComponent(digest)}`;
      await api.find({ method: 'DELETE', path, signal });
    },
  };
}

/** What the other side needs to fetch a disk. */
async function orderOf(disk: DiskSource): Promise<Record<string, unknown>> {
  const { address, plainHttp, ca, login } = await disk.pull();
  return {
    url: `${plainHttp ? 'http' : 'https'}://${address}`,
    ...(ca !== undefined && { ca }),
    ...login,
    repository: disk.repository,
    digest: disk.digest,
    name: disk.name,
  };
}
