import { z } from 'zod';
import type { UserActor } from '../access/actor';
import type { Job, JobContext, StepContext } from '../jobs/job';
import { Problem } from '../problem';
import { asking, type FaultWords } from '../registries/registry-problem';
import { describeImage } from './describe';
import type { ContainerImageRows } from './image-rows';
import { familiarName, familiarReference, parseReference } from '../sites/image-reference';
import { registryUrl, repositoryOf } from './names';
import type { ContainerPorts } from './ports';
import { enterImage, type Retire } from './put-image';
import { pullInput, type PullInput } from './schemas';

const jobInput = pullInput.omit({ login: true }).extend({
  projectId: z.string(),
  /** Whether one was given; it is sealed under the job's id. */
  hasLogin: z.boolean(),
});
type PullJob = z.infer<typeof jobInput>;

const login = z.object({ user: z.string(), password: z.string() });

interface Parts {
  ports: ContainerPorts;
  images: ContainerImageRows;
  retire: Retire;
}

/** Fetching images from registries. */
export interface Pulls {
  /** @throws Problem `invalid` for a name that is none */
  start(actor: UserActor, projectId: string, input: PullInput, requestKey?: string): Job;
  /** The job that fetches this now, if one does. */
  running(projectId: string, reference: string): string | undefined;
}

/** Defines `containers.pull`. */
export function openPulls({ ports, images, retire }: Parts): Pulls {
  const started = new Map<string, string>();
  const kind = ports.jobs.define({
    kind: 'containers.pull',
    steps: ['copy', 'describe'],
    input: jobInput,
    concurrency: 3,
    cancellable: true,
    retry: 'step',
    run: async (job) => {
      const copied = await job.step('copy', (step) => copyHere(ports, job, step));
      const { imageId, digest } = await job.step('describe', async (step) => {
        const { projectId } = job.input;
        const reference = parseReference(job.input.reference);
        const name = familiarName(reference);
        const { row, replaced } = await enterImage({ ports, images }, { projectId, name }, async () => {
          const { registry, address } = await ports.registries.of('workbench');
          const there = await asking(address, () =>
            registry.head(copied.repository, copied.digest, { signal: step.signal }),
          );
          // Somebody removed the same image under this name since it was copied.
          const now = there ? copied : await copyHere(ports, job, step);
          const { contents: _contents, ...facts } = await asking(address, () =>
            describeImage(registry, now.repository, now.digest, step.signal),
          );
          const source = { kind: 'pull' as const, from: familiarReference(reference) };
          return { ...facts, projectId, name, tag: reference.tag, source, createdBy: job.actorId ?? null };
        });
        if (replaced) await retire(replaced);
        return { imageId: row.id, digest: row.digest };
      });
      forget(ports, job);
      return { imageId, digest };
    },
    undo: (job) => {
      forget(ports, job);
      return Promise.resolve();
    },
  });

  return {
    start(actor, projectId, { login: given, ...input }, requestKey) {
      const reference = familiarReference(parseReference(input.reference));
      return ports.db.transaction(() => {
        const job = kind.start({
          input: { ...input, reference, projectId, hasLogin: given !== undefined },
          subject: { type: 'project', id: projectId },
          projectId,
          actorId: actor.userId,
          idempotencyKey: requestKey,
        });
        // Asked for twice it is the first one's job, with the first one's login, and over perhaps.
        if (given !== undefined && job.state === 'queued' && !ports.secrets.has(secretName(job.id)))
          ports.secrets.put(secretName(job.id), JSON.stringify(given));
        started.set(`${projectId} ${reference}`, job.id);
        const subject = { type: 'project', id: projectId };
        ports.audit({ actor, action: 'containers.pull', subject, detail: { name: reference } });
        return job;
      });
    },
    running(projectId, reference) {
      const job = ports.jobs.get(started.get(`${projectId} ${reference}`) ?? '');
      return job?.state === 'queued' || job?.state === 'running' ? job.id : undefined;
    },
  };
}

const secretName = (id: string) => `containers.${id}`;

function forget(ports: ContainerPorts, { jobId, input }: Pick<JobContext<PullJob>, 'jobId' | 'input'>): void {
  if (input.hasLogin) ports.secrets.remove(secretName(jobId));
}

/** What somebody who pulls can do about it: login and authority are those of this pull, not of a setting. */
function faultWords(withLogin: boolean): FaultWords {
  return {
    tls: 'containers.errors.pullTls',
    unauthorized: withLogin ? 'containers.errors.pullWrongLogin' : 'containers.errors.pullNeedsLogin',
    notFound: 'containers.errors.pullNotFound',
  };
}

async function copyHere(
  ports: ContainerPorts,
  { jobId, input }: Pick<JobContext<PullJob>, 'jobId' | 'input'>,
  step: StepContext,
): Promise<{ repository: string; digest: string }> {
  const reference = parseReference(input.reference);
  step.message(input.reference);
  await ports.mayReach(reference.host);
  const sealed = input.hasLogin ? ports.secrets.read(secretName(jobId)) : undefined;
  if (input.hasLogin && sealed === undefined) {
    throw new Problem('gone', 'containers.errors.loginGone', { host: reference.host });
  }
  const home = await ports.registries.of('workbench');
  const repository = repositoryOf(home, { projectId: input.projectId, name: familiarName(reference) });
  const source = ports.openRegistry({
    url: registryUrl(reference.host, input.plainHttp === true),
    ca: input.ca,
    login: sealed === undefined ? undefined : login.parse(JSON.parse(sealed)),
  });
  try {
    const wanted = reference.digest ?? reference.tag;
    const copy = () =>
      ports.copyArtifact(
        { registry: source, repository: reference.path, reference: wanted },
        // Platforms left out give a list with a digest of its own, so a name by digest cannot be its target.
        { registry: home.registry, repository, reference: reference.tag === '' ? wanted : reference.tag },
        {
          signal: step.signal,
          platforms: input.platforms,
          expect: input.platforms === undefined ? reference.digest : undefined,
          referrers: false,
          progress: (done, total) => {
            step.progress({ done, total, unit: 'bytes' });
          },
        },
      );
    const report = await asking(reference.host, copy, faultWords(sealed !== undefined));
    step.log({
      key: `containers.log.${report.outcome}`,
      params: {
        name: input.reference,
        digest: report.digest,
        sent: report.bytesSent,
        there: Math.max(0, (report.bytes ?? 0) - report.bytesSent),
        ms: Math.round(report.tookMs),
      },
    });
    return { repository, digest: report.digest };
  } finally {
    await source.close();
  }
}
