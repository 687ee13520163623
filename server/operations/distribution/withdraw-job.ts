import { z } from 'zod';
import type { JobContext, JobKind } from '../../jobs/job';
import { Problem } from '../../problem';
import { asking } from '../../registries/registry-problem';
import type { DistributionRows } from './distribution-rows';
import { addressOf, type Inventory } from './inventory';
import type { DistributionPorts } from './ports';
import { heldOf } from './wanted';

const input = z.object({ releaseId: z.string(), edgeId: z.string() });
export type WithdrawInput = z.infer<typeof input>;

interface Parts {
  ports: DistributionPorts;
  rows: DistributionRows;
  inventory: Inventory;
}

/** Refuses while something there runs the release, or it is on its way there. @throws Problem `conflict` */
export function requireIdle(
  { ports, rows }: Pick<Parts, 'ports' | 'rows'>,
  { releaseId, edgeId }: WithdrawInput,
): void {
  const coming = rows.cellsIn(['waiting', 'running'], edgeId).some((cell) => cell.releaseId === releaseId);
  if (coming) {
    const { name, version } = ports.sync.release(releaseId);
    const edge = ports.edges.get(edgeId).name;
    throw new Problem('conflict', 'distribution.errors.onItsWay', { name, version, edge });
  }
  const [runs] = ports.running({ releaseId, siteId: edgeId });
  if (!runs) return;
  throw new Problem('conflict', 'distribution.errors.runsThere', {
    name: runs.name,
    edge: ports.edges.get(edgeId).name,
  });
}

/**
 * Defines `release.withdraw`: takes away what no other release there needs. Machines of a cluster keep what they have
 * fetched until they need the space, for nobody but them knows what else uses it.
 */
export function defineWithdraw({ ports, rows, inventory }: Parts): JobKind<WithdrawInput> {
  return ports.jobs.define<WithdrawInput, null>({
    kind: 'release.withdraw',
    steps: ['remove'],
    input,
    concurrency: 4,
    cancellable: false,
    retry: 'start',
    async run(job) {
      requireIdle({ ports, rows }, job.input);
      await job.step('remove', (step) => remove({ ports, rows, inventory }, job, step.signal));
      rows.unplace(job.input.releaseId, job.input.edgeId);
      return null;
    },
  });
}

async function remove(
  { ports, rows, inventory }: Parts,
  job: JobContext<WithdrawInput>,
  signal: AbortSignal,
): Promise<void> {
  const { releaseId, edgeId } = job.input;
  const here = rows.placements({ edgeId });
  const own = here.find((each) => each.releaseId === releaseId);
  const others = here.filter((each) => each.releaseId !== releaseId);
  const needed = new Set([
    ...others.flatMap(({ images }) => images.map(({ digest }) => digest)),
    ...digestsOnTheirWay({ ports, rows }, job.input),
  ]);
  const edge = ports.edges.get(edgeId);
  const registry = await asking(addressOf(edge), () => ports.edges.registryOf(edgeId));
  const repositories = new Map(
    heldOf(ports.sync.release(releaseId)).images.map(({ digest, repository }) => [digest, repository]),
  );
  for (const { name, digest } of own?.images ?? []) {
    const params = { image: name, digest, edge: edge.name };
    if (needed.has(digest)) {
      job.log({ key: 'distribution.log.neededByOther', params });
      continue;
    }
    if (edge.runs === 'vms') {
      await (await ports.sites.stackHostOpened(edgeId, signal)).diskCache?.drop(digest, { signal });
      job.log({ key: 'distribution.log.removed', params });
      continue;
    }
    const repository = repositories.get(digest);
    if (registry && repository !== undefined)
      await asking(addressOf(edge), () =>
        registry.registry.deleteManifest(registry.repository(repository), digest, { signal }),
      );
    job.log({ key: registry ? 'distribution.log.removed' : 'distribution.log.leftToMachines', params });
  }
  inventory.forget(edgeId);
}

/** What a release that is being brought there counts on, though it has no placement yet. */
function digestsOnTheirWay(
  { ports, rows }: Pick<Parts, 'ports' | 'rows'>,
  { releaseId, edgeId }: WithdrawInput,
): string[] {
  const coming = rows.cellsIn(['running'], edgeId).filter((cell) => cell.releaseId !== releaseId);
  const ids = new Set(coming.map((cell) => cell.releaseId));
  return ports.sync
    .releases({})
    .filter(({ id }) => ids.has(id))
    .flatMap((release) => heldOf(release).images.map(({ digest }) => digest));
}
