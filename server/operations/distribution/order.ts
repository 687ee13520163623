/** What a distribution is made of when somebody asks for it. */
import type { UserActor } from '../../access/actor';
import { newId } from '../../db/id';
import { Problem } from '../../problem';
import type { DistributionRow, NewCell } from './distribution-rows';
import type { DistributionPorts } from './ports';
import { startDistribution, type StartDistribution } from './schemas';
import { fitsKind } from './stands';
import { wantedOf } from './wanted';

/**
 * The row of a distribution and its cells: each release to each edge that runs its kind. Release by release, so that
 * all edges begin with the same one.
 *
 * @throws Problem `not_found`; `conflict` for a release that is not in sync, and when nothing fits
 */
export function order(
  ports: Pick<DistributionPorts, 'sync' | 'edges'>,
  actor: UserActor,
  input: StartDistribution,
  requestKey: string | null,
  now: number,
): { row: DistributionRow; cells: NewCell[] } {
  const { releaseIds, edgeIds, anyway } = startDistribution.parse(input);
  const releases = [...new Set(releaseIds)].map((id) => wantedOf(ports.sync.release(id)).release);
  const edges = [...new Set(edgeIds)].map((id) => ports.edges.get(id));
  const id = newId('dst', now);
  const cells = releases.flatMap((release) =>
    edges
      .filter((edge) => fitsKind(release, edge))
      .map((edge) => ({ distributionId: id, releaseId: release.id, edgeId: edge.id, anyway })),
  );
  if (cells.length === 0) throw new Problem('conflict', 'distribution.errors.nothingFits');
  const row: DistributionRow = {
    id,
    releases: releases.map(({ id: releaseId, name, version, kind }) => ({
      id: releaseId,
      name,
      version,
      kind,
    })),
    edges: edges.map(({ id: edgeId, name, kind }) => ({ id: edgeId, name, kind })),
    requestKey,
    createdBy: actor.userId,
    createdByName: actor.name,
    createdAt: now,
  };
  return { row, cells };
}
