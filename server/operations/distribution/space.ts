/** Whether what is to move has room where it goes. */
import { Problem } from '../../problem';
import type { EdgeView } from '../edges/schemas';
import type { CellKey, DistributionRows } from './distribution-rows';
import type { DistributionPorts } from './ports';
import { freeOf } from './stands';

/**
 * Refuses a cell that its edge has not the space for, before anything is sent; not where somebody said to send it
 * anyway, nor at an edge that does not tell what is free.
 *
 * @param bytes that are to move
 * @throws Problem `no_space` with both figures
 */
export function requireSpace(
  { ports, rows }: { ports: Pick<DistributionPorts, 'sync'>; rows: DistributionRows },
  key: CellKey,
  edge: EdgeView,
  bytes: number,
): void {
  const told = freeOf(edge);
  if (told === null || rows.cell(key)?.anyway === true) return;
  // The edge told it when it was looked at; what came there since is not in it.
  const since = edge.health.checkedAt;
  const free = Math.max(0, told - (since === null ? 0 : rows.movedSince(edge.id, since)));
  if (bytes <= free) return;
  const { name, version } = ports.sync.release(key.releaseId);
  const figures = { needed: bytes, free: Math.floor(free) };
  throw new Problem('no_space', 'distribution.errors.noSpace', {
    name,
    version,
    edge: edge.name,
    ...figures,
  });
}
