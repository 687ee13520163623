import { z } from 'zod';
import type { JobContext, JobKind, StepContext } from '../jobs/job';
import { asProblem, Problem } from '../problem';
import { withImages } from '../sites/pod-templates';
import { followDeploy, lastWords } from '../sites/workload-following';
import type { PullAccess, Workloads } from '../sites/workloads';
import { repositoryOf } from './names';
import type { ContainerPorts } from './ports';
import type { Texts } from './text/texts';
import type { Deployed } from './tables';
import type { TestRow, TestRows } from './test-rows';

const jobInput = z.object({ deploymentId: z.string() });
type TestJob = z.infer<typeof jobInput>;

interface Parts {
  ports: ContainerPorts;
  rows: TestRows;
  texts: Pick<Texts, 'ready'>;
}

/** Who a deployment's pull login belongs to. */
export const holderOf = (id: string) => `testDeployment:${id}`;

/** Defines `containers.deploy`: what was read from the text is sent with images by digest, until every part is ready. */
export function defineDeploy(parts: Parts): JobKind<TestJob> {
  const { ports, rows, texts } = parts;
  return ports.jobs.define({
    kind: 'containers.deploy',
    steps: ['prepare', 'deploy'],
    input: jobInput,
    concurrency: 4,
    cancellable: true,
    run: async (job) => {
      const row = required(rows, job);
      // A job that is tried again brings the row back to life.
      if (row.state !== 'deploying') rows.update(row.id, { state: 'deploying', error: null });
      try {
        await job.step('prepare', async (step) => {
          const { images } = await texts.ready(row.projectId, row.name, row.values, step.signal);
          const named = imagesOf([...images.values()]);
          rows.update(row.id, { images: named });
          for (const { name, digest } of named) {
            step.log({ key: 'containers.log.byDigest', params: { name, digest } });
          }
        });
        await job.step('deploy', (step) => deploy(parts, row, job.jobId, step));
        return { deploymentId: row.id };
      } catch (error) {
        if (!job.signal.aborted) await keepWords(parts, row, job, error);
        throw error;
      }
    },
    undo: async (job) => {
      const row = rows.find(job.input.deploymentId);
      if (!row || row.state === 'ready') return;
      const error = row.error ?? new Problem('cancelled', 'problems.cancelled').report();
      if (row.deployed) {
        await goBack(parts, row, row.deployed, job);
        rows.update(row.id, { state: 'ready', error });
        return;
      }
      await takeAway(ports, row, job.signal);
      rows.update(row.id, { state: 'failed', error });
    },
  });
}

/** Defines `containers.undeploy`: everything goes from the site, then the row. */
export function defineUndeploy({ ports, rows }: Parts): JobKind<TestJob> {
  return ports.jobs.define({
    kind: 'containers.undeploy',
    steps: ['remove'],
    input: jobInput,
    concurrency: 4,
    cancellable: false,
    retry: 'start',
    run: async (job) => {
      const row = rows.find(job.input.deploymentId);
      if (!row) return;
      // A removal that fails leaves half of it, which is nothing to go back to.
      rows.update(row.id, { state: 'removing', deployed: null });
      try {
        await job.step('remove', ({ signal }) => takeAway(ports, row, signal));
        rows.remove(row.id);
      } catch (error) {
        if (!job.signal.aborted) {
          rows.update(row.id, { state: 'failed', error: asProblem(error).report() });
        }
        throw error;
      }
    },
  });
}

function required(rows: TestRows, job: JobContext<TestJob>): TestRow {
  const row = rows.find(job.input.deploymentId);
  if (!row) throw new Problem('gone', 'containers.errors.noDeployment');
  return row;
}

/** Images as names and digests, each once. */
function imagesOf(
  images: Pick<Deployed['images'][number], 'name' | 'tag' | 'digest'>[],
): { name: string; digest: string }[] {
  const named = images.map(({ name, tag, digest }) => ({
    name: tag === '' ? name : `${name}:${tag}`,
    digest,
  }));
  return [...new Map(named.map((each) => [`${each.name}@${each.digest}`, each])).values()];
}

async function deploy(parts: Parts, row: TestRow, jobId: string, step: StepContext): Promise<void> {
  const { rows, texts } = parts;
  // Read again after a restart, not kept in the job: a text holds its app's secrets, which job rows must not.
  const { objects, images } = await texts.ready(row.projectId, row.name, row.values, step.signal);
  const deployed: Deployed = {
    objects,
    images: [...images].map(([image, { name, tag, digest }]) => ({ image, name, tag, digest })),
  };
  const seen = followDeploy(step, (status) => {
    rows.update(row.id, { status });
  });
  const status = await send(parts, row, deployed, jobId, seen);
  rows.update(row.id, { state: 'ready', status, deployed, error: null });
}

/** What ran before a change comes back, and what the change added goes. */
async function goBack(
  parts: Parts,
  row: TestRow,
  deployed: Deployed,
  { jobId, signal, log }: Pick<JobContext<TestJob>, 'jobId' | 'signal' | 'log'>,
): Promise<void> {
  const { rows } = parts;
  rows.update(row.id, { images: imagesOf(deployed.images) });
  try {
    // A name of its own: what is marked with the failed job's is not of this version, and is removed.
    const status = await send(parts, row, deployed, `${jobId}-undo`, { signal });
    rows.update(row.id, { status });
    log({ key: 'containers.log.wentBack', params: { name: row.name } });
  } catch (error) {
    // Something is there, and nobody works on it any more: it can be looked at, removed, and deployed again.
    if (!signal.aborted) rows.update(row.id, { state: 'notReady', error: asProblem(error).report() });
    throw error;
  }
}

async function send(
  { ports }: Parts,
  row: TestRow,
  { objects, images }: Deployed,
  jobId: string,
  call: Parameters<Workloads['deploy']>[1] & { signal: AbortSignal },
) {
  const site = await ports.sites.workloadOpened(row.siteId, call.signal);
  const home = await ports.registries.of('workbench');
  const repositoryOfImage = (name: string) => repositoryOf(home, { projectId: row.projectId, name });
  const repositories = [...new Set(images.map(({ name }) => repositoryOfImage(name)))];
  const pull =
    repositories.length === 0
      ? undefined
      : await ports.registries.pullAccess('workbench', repositories, holderOf(row.id));
  const addresses = new Map(
    images.map(({ image, name, digest }) => [image, addressOf(pull, repositoryOfImage(name), digest)]),
  );
  return await site.workloads.deploy(
    {
      workloadId: row.id,
      jobId,
      name: row.name,
      objects: withImages(objects, (image) => addresses.get(image) ?? notHeld(image)),
      pull,
    },
    call,
  );
}

function addressOf(pull: PullAccess | undefined, repository: string, digest: string): string | undefined {
  return pull && `${pull.address}/${repository}@${digest}`;
}

function notHeld(image: string): never {
  throw new Problem('conflict', 'containers.errors.imageNotHeld', { image });
}

/** Keeps what the site said before everything of the deployment is taken away again. */
async function keepWords(
  { ports, rows }: Parts,
  row: TestRow,
  job: JobContext<TestJob>,
  error: unknown,
): Promise<void> {
  rows.update(row.id, { error: asProblem(error).report() });
  const status = await lastWords(() => ports.sites.workloadSite(row.siteId), row.id, job, ports.log);
  if (status) rows.update(row.id, { status });
}

async function takeAway(ports: ContainerPorts, row: TestRow, signal: AbortSignal): Promise<void> {
  const site = await ports.sites.workloadOpened(row.siteId, signal);
  await site.workloads.remove(row.id, { signal });
  ports.registries.revokePull(holderOf(row.id));
}
