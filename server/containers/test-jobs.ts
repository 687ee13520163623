import { z } from 'zod';
import type { JobContext, JobKind, StepContext } from '../jobs/job';
import { asProblem, Problem } from '../problem';
import type { PullAccess, WorkloadStatus } from '../sites/workloads';
import type { RoomRegistry } from '../registries/registries';
import { repositoryOf } from './names';
import type { ContainerPorts } from './ports';
import { withImages } from './text/named-images';
import type { ReadyText, Texts } from './text/texts';
import type { TestRow, TestRows } from './test-rows';

const jobInput = z.object({ deploymentId: z.string() });
type TestJob = z.infer<typeof jobInput>;

interface Parts {
  ports: ContainerPorts;
  rows: TestRows;
  texts: Pick<Texts, 'ready'>;
}

/** Lines of the site's own words that a failed deployment keeps, since nothing of it is left there. */
const keptEvents = 40;
const statusEveryMs = 1000;

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
          rows.update(row.id, { images: imagesOf(images) });
          for (const { name, digest } of imagesOf(images)) {
            step.log({ key: 'containers.log.byDigest', params: { name, digest } });
          }
        });
        const status = await job.step('deploy', (step) => deploy(parts, row, job.jobId, step));
        rows.update(row.id, { state: 'ready', status, error: null });
        return { deploymentId: row.id };
      } catch (error) {
        if (!job.signal.aborted) await keepWords(parts, row, job, error);
        throw error;
      }
    },
    undo: async (job) => {
      const row = rows.find(job.input.deploymentId);
      if (!row || row.state === 'ready') return;
      await takeAway(ports, row, job.signal);
      const error = row.error ?? new Problem('cancelled', 'problems.cancelled').report();
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
      if (row.state !== 'removing') rows.update(row.id, { state: 'removing' });
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

/** Images of a text as names and digests, each once. */
export function imagesOf(images: ReadyText['images']): { name: string; digest: string }[] {
  const rows = new Map([...images.values()].map((row) => [row.id, row]));
  return [...rows.values()].map(({ name, tag, digest }) => ({
    name: tag === '' ? name : `${name}:${tag}`,
    digest,
  }));
}

async function deploy(parts: Parts, row: TestRow, jobId: string, step: StepContext): Promise<WorkloadStatus> {
  const { ports, rows, texts } = parts;
  const { signal } = step;
  // Read again after a restart, not kept: a text holds its app's secrets, which job rows must not.
  const { objects, images } = await texts.ready(row.projectId, row.name, row.values, signal);
  const site = await ports.sites.workloadOpened(row.siteId, signal);
  const home = await ports.registries.of('workbench');
  const repositories = [...new Set([...images.values()].map((image) => repositoryOf(home, image)))];
  const pull =
    repositories.length === 0
      ? undefined
      : await ports.registries.pullAccess('workbench', repositories, holderOf(row.id));
  let told = 0;
  return await site.workloads.deploy(
    {
      workloadId: row.id,
      jobId,
      name: row.name,
      objects: withImages(objects, (image) => addressOf(home, images, image, pull)),
      pull,
    },
    {
      signal,
      report: ({ event, params = {}, detail }) => {
        step.log({ key: `workloads.events.${event}`, params, detail });
      },
      status: (status) => {
        const ready = status.parts.filter(({ state }) => state === 'ready' || state === 'done').length;
        const percent = status.parts.length === 0 ? 0 : Math.floor((ready * 100) / status.parts.length);
        step.progress({ done: percent, total: 100, unit: 'percent' });
        if (Date.now() - told < statusEveryMs) return;
        told = Date.now();
        rows.update(row.id, { status });
      },
    },
  );
}

function addressOf(
  home: RoomRegistry,
  images: ReadyText['images'],
  image: string,
  pull: PullAccess | undefined,
): string {
  const row = images.get(image);
  if (!row || !pull) throw new Problem('conflict', 'containers.errors.imageNotHeld', { image });
  return `${pull.address}/${repositoryOf(home, row)}@${row.digest}`;
}

/** Keeps what the site said before everything of the deployment is taken away again. */
async function keepWords(
  { ports, rows }: Parts,
  row: TestRow,
  job: JobContext<TestJob>,
  error: unknown,
): Promise<void> {
  rows.update(row.id, { error: asProblem(error).report() });
  try {
    const { workloads } = ports.sites.workloadSite(row.siteId);
    const status = await workloads.status(row.id, { signal: job.signal });
    if (status) rows.update(row.id, { status });
    for (const event of (await workloads.events(row.id, { signal: job.signal })).slice(-keptEvents)) {
      job.log(`${event.about}: ${event.reason}: ${event.message}`);
    }
  } catch (failure) {
    // The first failure is the one to be told.
    ports.log.warn({ err: failure, deployment: row.id }, 'events of a failed deployment could not be read');
  }
}

async function takeAway(ports: ContainerPorts, row: TestRow, signal: AbortSignal): Promise<void> {
  const site = await ports.sites.workloadOpened(row.siteId, signal);
  await site.workloads.remove(row.id, { signal });
  ports.registries.revokePull(holderOf(row.id));
}
