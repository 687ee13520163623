/** What was proved to be at edges, as others see it. */
import { Problem } from '../../problem';
import { asking } from '../../registries/registry-problem';
import type { PullAccess } from '../../sites/workloads';
import { appKey } from '../app-key';
import type { SyncedRelease } from '../sync/schemas';
import type { ImageAtEdge, Spread, Standing } from './distribution';
import type { DistributionRows } from './distribution-rows';
import { addressOf } from './inventory';
import type { DistributionPorts } from './ports';
import type { Placement } from './schemas';
import { heldOf, isHeld } from './wanted';

/** Placements, and whether a newer release of the app is in sync and not there. */
export function viewPlacements(
  ports: Pick<DistributionPorts, 'sync' | 'sites'>,
  rows: Pick<DistributionRows, 'placements' | 'placedAt'>,
  filter: Parameters<DistributionRows['placements']>[0],
): Placement[] {
  // A site that was removed took with it what was there.
  const found = rows.placements(filter).filter(({ edgeId }) => ports.sites.standing(edgeId));
  const isBehind = newerOf(
    ports.sync.releases({}),
    rows.placedAt([...new Set(found.map(({ edgeId }) => edgeId))]),
  );
  return found.map((row) => ({ ...row, behind: isBehind(row) }));
}

/** All placements without their images, which an overview of thousands of them does not show. */
export function viewSpread(
  ports: Pick<DistributionPorts, 'sites'>,
  rows: Pick<DistributionRows, 'pairs'>,
  releases: readonly SyncedRelease[],
): Spread[] {
  const placed = new Map<string, Set<string>>();
  for (const { edgeId, releaseId } of rows.pairs()) {
    const at = placed.get(edgeId);
    if (at) at.add(releaseId);
    else placed.set(edgeId, new Set([releaseId]));
  }
  const isBehind = newerOf(releases, placed);
  return [...placed]
    .filter(([edgeId]) => ports.sites.standing(edgeId))
    .flatMap(([edgeId, releaseIds]) =>
      [...releaseIds].map((releaseId) => ({
        releaseId,
        edgeId,
        behind: isBehind({ releaseId, edgeId }),
      })),
    );
}

/** Whether of a placed release's app a newer one is in sync that is not at the edge. */
function newerOf(
  releases: readonly SyncedRelease[],
  placed: ReadonlyMap<string, ReadonlySet<string>>,
): (at: { releaseId: string; edgeId: string }) => boolean {
  const newest = new Map<string, { id: string; publishedAt: number }>();
  for (const release of releases) {
    const key = appKey(release);
    const before = newest.get(key);
    if (isHeld(release) && (!before || before.publishedAt < release.publishedAt)) newest.set(key, release);
  }
  const latestOf = new Map<string, string>();
  for (const { id, publishedAt, ...release } of releases) {
    const latest = newest.get(appKey(release));
    if (latest && latest.publishedAt > publishedAt) latestOf.set(id, latest.id);
  }
  return ({ releaseId, edgeId }) => {
    const latest = latestOf.get(releaseId);
    return latest !== undefined && !placed.get(edgeId)?.has(latest);
  };
}

/** How each release stands at each edge it was sent to. */
export function standingsOf(
  ports: Pick<DistributionPorts, 'sites'>,
  rows: Pick<DistributionRows, 'newestCells' | 'placements' | 'find'>,
  releaseId: string | undefined,
): Standing[] {
  const left = new Map(rows.placements({ releaseId }).map((row) => [`${row.releaseId} ${row.edgeId}`, row]));
  const begun = new Map<string, number>();
  const told = rows.newestCells(releaseId).flatMap((cell): Standing[] => {
    const { state, dismissed, edgeId, distributionId, problem, endedAt } = cell;
    // Of one that was set aside nothing is told; what an earlier one brought is there all the same.
    if (dismissed || !ports.sites.standing(edgeId)) return [];
    const there = left.delete(`${cell.releaseId} ${edgeId}`);
    // It was withdrawn since.
    if ((state === 'done' || state === 'skipped') && !there) return [];
    if (!begun.has(distributionId)) begun.set(distributionId, rows.find(distributionId)?.createdAt ?? 0);
    const startedAt = begun.get(distributionId) ?? 0;
    const by = { distributionId, startedAt, endedAt };
    return [{ releaseId: cell.releaseId, edgeId, state: standOf[state], problem, ...by }];
  });
  // What brought these is forgotten; that they are there is not.
  const proved = [...left.values()]
    .filter(({ edgeId }) => ports.sites.standing(edgeId))
    .map((row): Standing => {
      const by = { distributionId: null, startedAt: row.verifiedAt, endedAt: row.verifiedAt };
      return { releaseId: row.releaseId, edgeId: row.edgeId, state: 'there', problem: null, ...by };
    });
  return [...told, ...proved];
}

const standOf = {
  waiting: 'sending',
  running: 'sending',
  done: 'there',
  skipped: 'there',
  failed: 'failed',
  cancelled: 'cancelled',
} as const;

/** The container images of a placed release as its edge names them. @throws Problem `conflict`, and what registries say */
export async function imagesAtEdge(
  ports: DistributionPorts,
  rows: Pick<DistributionRows, 'placements'>,
  { releaseId, edgeId, holder }: { releaseId: string; edgeId: string; holder: string },
): Promise<{ images: ImageAtEdge[]; pull: PullAccess | undefined }> {
  const edge = ports.edges.get(edgeId);
  const { release, images } = heldOf(ports.sync.release(releaseId));
  const [placed] = rows.placements({ releaseId, edgeId });
  const digests = new Set(placed?.images.map(({ digest }) => digest));
  if (!placed || !images.every(({ digest }) => digests.has(digest))) {
    const { name, version } = release;
    throw new Problem('conflict', 'distribution.errors.notAtEdge', { name, version, edge: edge.name });
  }
  if (release.kind === 'vm') return { images: [], pull: undefined };
  const own = await asking(addressOf(edge), () => ports.edges.registryOf(edgeId));
  const home = own ?? (await ports.registries.of('operations'));
  const repositories = [...new Set(images.map(({ repository }) => home.repository(repository)))];
  const pull = own?.pull ?? (await ports.registries.pullAccess('operations', repositories, holder));
  const artifacts = new Map(images.map((image) => [image.digest, image]));
  // A package may name one image twice: each name is answered for.
  const named = release.images.flatMap(({ name, artifact }) => {
    const image = artifact && artifacts.get(artifact.digest);
    return image
      ? [{ name, reference: `${pull.address}/${home.repository(artifact.repository)}@${image.digest}` }]
      : [];
  });
  return { images: named, pull };
}
